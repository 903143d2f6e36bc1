"""Booking: courses onto days, rooms and minutes of a year; `solve_book` in `solve`."""
