"""Pure computation of the network room: dataclasses in, dataclasses out."""
