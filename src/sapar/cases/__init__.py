"""The case: one record, five tracks, a timeline, a thread, and what it holds elsewhere."""
