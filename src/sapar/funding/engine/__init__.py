"""Pure computation of the funding room: dataclasses in, dataclasses out."""
