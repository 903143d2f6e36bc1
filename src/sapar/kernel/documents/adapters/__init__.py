"""The outside of documents: the virus scanner, the upload."""
