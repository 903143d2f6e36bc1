"""Audit: who did and who read what, in chains that show when they were tampered with."""
