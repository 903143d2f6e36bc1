"""What the planning engines are asked, read and checked from JSON documents.

`read_centre`, `read_protocols` and the other reading functions collect every mistake of a document,
each with its place, value and remedy, before any of it is used.
"""
