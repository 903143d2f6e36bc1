"""From costs and effects to what would be chosen."""
