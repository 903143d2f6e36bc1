"""Pure computation of the cases room: dataclasses in, dataclasses out."""
