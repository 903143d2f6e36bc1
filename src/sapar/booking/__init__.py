"""Booking: calendars of intake places for programmes without a scheduler of their own.

A place has a lead time and can be held for a while; the same place is never sold twice.
"""
