"""Commands of Django that the trail changes."""
