"""Template tags of the kernel: languages."""
