"""Template tags of the answer room."""
