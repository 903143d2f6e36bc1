"""A model that learns: outcomes update its parameters, and say when a decision may be wrong."""
