"""Pages of health technology assessment."""
