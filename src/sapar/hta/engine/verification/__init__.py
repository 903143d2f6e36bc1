"""Black-box tests that any model can be put to, and what they found."""
