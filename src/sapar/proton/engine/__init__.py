"""Pure computation of the proton room: dataclasses in, dataclasses out."""
