"""Published figures, recomputed from other published figures within what rounding allows."""
