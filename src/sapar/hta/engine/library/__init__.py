"""Models written in Python: the same documents, without YAML."""
