"""The expressions of a model: read by us, never given to Python, checked for units before use."""
