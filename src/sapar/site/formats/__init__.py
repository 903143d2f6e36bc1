"""Number and date formats for languages where Django's own are missing or wrong."""
