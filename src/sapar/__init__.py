"""Sapar: the open-source system for care across borders."""
