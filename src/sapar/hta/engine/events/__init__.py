"""Discrete events: people who share resources, and what waiting for them costs."""
