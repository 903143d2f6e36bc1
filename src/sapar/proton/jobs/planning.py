"""What ties an automatic proton plan to the job it runs in: progress, stop, clock.

The plan itself is a step of `proton.assess` (its stage "plan"): a version of the comparison and the
plan it stands on are kept or lost together.
"""

from __future__ import annotations

import time

from sapar.kernel.jobs.progress import progress, stop_asked
from sapar.proton.engine.scheduling.watch import Watch

LONGEST_S = 1200.0
"""The safety clock of one plan; TG119 takes about a minute and a half."""
SAYS = "proton.selection.step.plan"


def planning_watch(*, longest_s: float = LONGEST_S) -> Watch:
    """A watch for `plan_protons` in a job: shows thousandths, ends when asked or out of time."""
    ends = time.monotonic() + longest_s

    def tell(_best: float | None, _bound: float | None, done: int, total: int) -> None:
        progress(done, total, SAYS)

    return Watch(expired=lambda: time.monotonic() > ends, asked_to_stop=stop_asked, tell=tell)
