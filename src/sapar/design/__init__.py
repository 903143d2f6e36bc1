"""Design: base templates, tokens and components, the script and fonts that pages use."""
