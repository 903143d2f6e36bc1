"""Values: what every room speaks in. Money, dates, identifiers, names, marks, statements.

Pure Python, standard library first; no Django, no clock, no input or output.
"""
