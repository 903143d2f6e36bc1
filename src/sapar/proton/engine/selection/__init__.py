"""Protons or photons: what protons could spare a patient, how sure that is, what the rule says.

Decision support: it selects who should be planned. It is no treatment planning system.
"""
