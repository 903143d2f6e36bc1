"""Who gains and who loses: health and its distribution over groups of a population."""
