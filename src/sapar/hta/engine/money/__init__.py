"""Money of other years and countries, by dated rates that every conversion names."""
