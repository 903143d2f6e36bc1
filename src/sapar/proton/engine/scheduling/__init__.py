"""Planning of proton treatments: capacity, a day, a year's bookings, one offer, repairs.

`docs/reference/proton-problems.md` describes what goes in and what comes out. Importing this
package loads no solver; `day`, `book` and `replan` do when they are imported.
"""
