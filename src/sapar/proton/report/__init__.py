"""The comparison of protons and photons for one case, on paper."""
