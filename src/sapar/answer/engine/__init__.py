"""Pure computation of the answer room: dataclasses in, dataclasses out."""
