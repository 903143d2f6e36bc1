"""Sphinx: our pages are MyST Markdown; nothing is fetched from other hosts."""

project = "Sapar"
author = "the authors of Sapar"
copyright = "the authors of Sapar; Apache-2.0"  # noqa: A001 - Sphinx's name
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "Sapar"
html_show_sphinx = False
nitpicky = True
