"""Models of complications: formulas, a library read from data, and how sure it is."""
