"""Dose and volume: from contours and a dose grid to histograms and what is read off them."""
