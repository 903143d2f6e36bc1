"""Cohorts: shares of people in states, cycle after cycle, for all draws and strategies at once."""
