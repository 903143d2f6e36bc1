"""Health technology assessment: topics, models that anyone can run again, appraisal, decisions.

The engine (`engine/`) is a library of its own: it reads a model document, checks it, and gives
costs, effects and what is uncertain about them. Nothing in it knows Django.
"""
