"""The outside world of the network: its files."""
