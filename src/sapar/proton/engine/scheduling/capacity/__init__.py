"""Patients a year that a configuration of rooms, hours, slot, uptime and case mix can treat.

Years are drawn at random (case mix, lengths, outages; the holidays are the calendar's). For each
a linear program spreads the fractions over weekdays and rooms. It is a ceiling: no day is put in
order minute by minute, which `day` and `year` do.
"""

from sapar.proton.engine.scheduling.capacity.answer import CapacityAnswer
from sapar.proton.engine.scheduling.capacity.solve import capacity_of

__all__ = ["CapacityAnswer", "capacity_of"]
