"""The answer: intake, the complete and explained answer, worklists, the case page.

The one room that composes the others.
"""
