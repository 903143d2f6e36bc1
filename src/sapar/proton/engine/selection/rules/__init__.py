"""Indication protocols: which complications count, and from which difference on."""
