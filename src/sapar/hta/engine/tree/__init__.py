"""Decision trees: chances, and what their branches pay."""
