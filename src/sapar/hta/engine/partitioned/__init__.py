"""Partitioned survival: the shares of states are what lies between curves of survival."""
