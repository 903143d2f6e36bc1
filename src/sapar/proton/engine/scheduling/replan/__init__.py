"""A new plan after a loss: as few people as possible move, and dose is touched last.

Everybody whose fraction lies in what was lost has to move, whatever the plan: their number is the
bound. Each lost fraction has options: days and rooms with the minutes that are free, as bits. A
first repair serves one after the other, then a constraint program (CP-SAT) places all at once.
Where somebody finds no place within the rules, others may make room on their own day.
"""

from sapar.proton.engine.scheduling.replan.answer import ReplanAnswer
from sapar.proton.engine.scheduling.replan.solve import solve_replan

__all__ = ["ReplanAnswer", "solve_replan"]
