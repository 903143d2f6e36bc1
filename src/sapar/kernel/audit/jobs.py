"""The trail's periodic work."""

from __future__ import annotations

from datetime import timedelta

from sapar.kernel.actors import Actor
from sapar.kernel.audit import chain
from sapar.kernel.jobs.registry import job


@job("audit.seal_reads", every=timedelta(minutes=1))
def seal_reads() -> None:
    """Seal what was read since the last batch, until nothing is left."""
    while chain.seal_reads(by=Actor.machine("tick")) == chain.READS_A_BATCH:
        pass
