"""Survival: laws of the time to an event, fitting them to data, and curves of a model."""
