"""`flush`."""
