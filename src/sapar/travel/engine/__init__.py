"""Pure computation of the travel room: dataclasses in, dataclasses out."""
