"""Travel: which visa, by when to apply, and where the family lives meanwhile."""
