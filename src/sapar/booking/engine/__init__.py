"""Pure computation of the booking room: dataclasses in, dataclasses out."""
