"""The `sapar` command: one door to the rooms for a terminal."""
