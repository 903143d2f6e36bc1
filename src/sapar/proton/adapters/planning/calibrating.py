"""Makes calibration.yaml: estimates of our own phantoms against their automatic plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.proton.adapters.planning import environment
from sapar.proton.adapters.planning.plan import plan_protons
from sapar.proton.adapters.planning.process import PlanningError
from sapar.proton.engine.selection.dvh.compute import histograms
from sapar.proton.engine.selection.estimate.calibrate import Pair, fit
from sapar.proton.engine.selection.estimate.estimate import estimate
from sapar.proton.engine.selection.estimate.wish import Wish
from sapar.proton.phantoms import MAKERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sapar.proton.engine.scheduling.watch import Watch
    from sapar.proton.engine.selection.estimate.data import Error, PlanningData
    from sapar.proton.engine.selection.plan import Study

CASES = {
    "head-and-neck": Wish("oropharynx", 70.0, 35),
    "breast": Wish("breast", 40.05, 15),
    "brain-child": Wish("brain", 54.0, 30),
    "concave-core": Wish("concave-core", 50.0, 25),
}
"""How each phantom is treated."""
HEAD = """\
# Errors of the estimated proton dose (stage 1) against automatic plans (stage 2), by kind of organ,
# as shares of the prescription: `bias` is the mean of estimate minus plan, `sd` what a new estimate
# is off by about it, `leave_one_out` the root mean square error of the corrected estimate of a
# phantom that was left out. Made by `sapar proton planning-calibrate` from our own phantoms;
# phantoms are no patients, so it is unverified and may only say whether a plan is worth while.
source:
  title: Own phantoms against automatic plans of pyRadPlan 0.5.0
  mark: unverified
  who_can_tell: Medical physicist of the centre
made_with: {{{made}, environment: {environment}}}
by_kind:
{by_kind}
# What it was made from: phantom, organ, estimated and planned mean dose.
pairs:
{listed}
"""


def _pairs(
    phantom: str, study: Study, wish: Wish, data: PlanningData, *, workdir: Path, watch: Watch
) -> tuple[list[Pair], bool]:
    assert study.image is not None  # noqa: S101 - phantoms have one
    names = {s.name: s.name for s in study.structures}
    planned = plan_protons(study, names, wish, workdir=workdir, watch=watch, data=data)
    estimated = estimate(study, names, wish, data)
    structures = {s.name: s for s in study.structures}
    own = [o for o in estimated.organs if o.name in estimated.sd_gy]  # no targets, no outline
    organs = [structures[o.name] for o in own]
    found = histograms(organs, planned.nominal, planes=study.image.grid.z)
    unit = wish.prescription_gy
    pairs = [
        Pair(phantom, e.name, e.mean_gy / unit, p.mean_gy / unit)
        for e, p in zip(own, found, strict=True)
        if max(e.mean_gy, p.mean_gy) > 0.002 * unit  # what neither reaches shows nothing
    ]
    return pairs, planned.acceptable


def pairs_of(
    seeds: Sequence[int], workdir: Path, watch: Watch, data: PlanningData,
    tell: Callable[[str], None],
) -> Iterator[list[Pair]]:  # fmt: skip
    """Estimate and plan every phantom of every seed; those that cannot be planned are told."""
    for seed in seeds:
        for name, wish in CASES.items():
            study = MAKERS[name](seed)
            phantom = f"{name}-{seed}"
            try:
                pairs, acceptable = _pairs(
                    phantom, study, wish, data, workdir=workdir / phantom, watch=watch
                )
            except PlanningError as error:
                tell(f"{phantom}: {error.problem.code} {error.problem.value}")
                continue
            tell(f"{phantom}: {len(pairs)} organs, acceptable: {acceptable}")
            yield pairs


def text_of(pairs: Sequence[Pair], seeds: Sequence[int]) -> str:
    """The data file that a calibration gives."""
    found = fit(pairs)
    phantoms = sorted({p.phantom for p in pairs})

    def line(kind: str, e: Error) -> str:
        return (
            f"  {kind}: {{bias: {e.bias:.4f}, sd: {e.sd:.4f}, count: {e.count}, "
            f"leave_one_out: {e.leave_one_out:.4f}}}"
        )

    listed = "\n".join(
        f"  - [{p.phantom}, {p.organ}, {p.estimated:.4f}, {p.planned:.4f}]" for p in pairs
    )
    made = f"seeds: '{' '.join(map(str, seeds))}', phantoms: '{len(phantoms)}'"
    lines = [line(kind, found[kind]) for kind in sorted(found)]
    return HEAD.format(
        made=made,
        environment=environment.lock_digest() or "''",
        by_kind="\n".join(lines),
        listed=listed,
    )
