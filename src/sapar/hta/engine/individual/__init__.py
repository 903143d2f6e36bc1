"""People one by one: in continuous time with competing risks, or cycle by cycle."""
