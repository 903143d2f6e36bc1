"""The dossier of a model as a document: one structure, written as JSON, HTML, PDF and Excel."""
