"""What the proton doses have to say: the estimate and the automatic plan."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

_PROBLEMS = {
    "no_ct": (
        _("The study has no CT: without it no proton dose can be computed."),
        _("Ask the sender for the planning CT."),
    ),
    "no_target": (
        _("The study names no target (GTV, CTV or PTV): protons cannot be planned."),
        _("Confirm the names of the structures, or ask the sender for the target."),
    ),
    "target_outside": (
        _("The target lies outside the CT."),
        _("Check that the CT and the structures belong together."),
    ),
    "level_above": (
        _("{where} asks for {value} Gy, more than the prescription of {prescription} Gy; the "
          "prescription was taken."),
        _("Check the prescription and the name of the target."),
    ),
    "scanner_unknown": (
        _("The scanner “{value}” has no curve from Hounsfield units to stopping power; the curve "
          "“{curve}” was taken, which is of no real scanner. The proton dose decides nothing."),
        _("Ask the sender's medical physicist for the curve and add it."),
    ),
    "curve_unverified": (
        _("The curve “{curve}” of the scanner “{value}” is not verified. The proton dose decides "
          "nothing."),
        _("Let a medical physicist check the curve."),
    ),
    "estimate_only": (
        _("This proton dose is an estimate: it may only say whether a plan is worth while."),
        _("Ask for a proton plan before deciding for protons."),
    ),
    "not_proton": (
        _("The dose is of “{value}”, not of protons: no RBE is applied to it."),
        _("Send the dose of the proton plan."),
    ),
    "no_environment": (
        _("Automatic proton plans are not installed here."),
        _("Run “make planning” once on the machine of the worker."),
    ),
    "planner_failed": (
        _("The planning package failed: {value}"),
        _("Look into the log of the job; try other beam directions."),
    ),
    "stopped": (
        _("The proton plan was not finished: it was stopped, or its time ran out."),
        _("Start it again; a larger limit of time helps large targets."),
    ),
    "target_missed": (
        _("The plan is not acceptable and is not compared: in the scenario “{scenario}” {where} "
          "gets {value} Gy to 95 % and {d98} Gy to 98 % of it, {d2} Gy to its hottest 2 %; "
          "{wanted} Gy are wanted."),
        _("Choose other beam directions, or let the centre plan."),
    ),
}  # fmt: skip

PHRASES = {}
for _code, (_says, _remedy) in _PROBLEMS.items():
    PHRASES[f"proton.dose.{_code}"] = _says
    PHRASES[f"proton.dose.{_code}.remedy"] = _remedy
