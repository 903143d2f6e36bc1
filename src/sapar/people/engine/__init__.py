"""Pure computation of the people room: dataclasses in, dataclasses out."""
