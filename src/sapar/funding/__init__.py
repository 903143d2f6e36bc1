"""Funding: who pays, from which quota, and what it will cost."""
