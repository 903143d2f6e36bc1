"""Bytes that come in, streamed to storage: uploads in parts, packages, DICOMweb bodies.

Light: web processes load it. Nothing here knows pydicom, and nothing holds a file whole.
"""
