"""Clocks: working calendars and deadlines that lie over the tracks."""
