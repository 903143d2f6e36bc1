"""The dossier that a model writes itself: reporting items and the nine domains, as codes."""
