"""Protons or photons on the screen: the steps of the work, and what stands against it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PHRASES = {
    "proton.selection.step.histograms": _("Dose-volume histograms of the photon plan"),
    "proton.selection.step.zero": _("What the best possible proton plan could bring"),
    "proton.selection.step.estimate": _("Estimating the proton dose"),
    "proton.selection.step.plan": _("Making a proton plan"),
    "proton.selection.step.submitted": _("Reading the proton plan that was sent"),
    "proton.selection.step.models": _("Models, rule, confidence"),
    "proton.selection.step.check": _("An independent check of the answer"),
    "proton.selection.no_case": _("There is no such case."),
    "proton.selection.no_case.remedy": _("Look for it in your list."),
    "proton.selection.no_version": _("There is no version {value}."),
    "proton.selection.no_version.remedy": _("Choose one of the list."),
    "proton.selection.stage_unknown": _("“{value}” is no stage of the comparison."),
    "proton.selection.stage_unknown.remedy": _("Choose zero, estimate, plan or submitted."),
    "proton.selection.no_study": _("No planning study of the case can be used yet."),
    "proton.selection.no_study.remedy": _("Send CT, structures, dose and plan as DICOM files."),
    "proton.selection.no_names": _("No structure has a confirmed name yet."),
    "proton.selection.no_names.remedy": _("Confirm the names of the structures first."),
    "proton.selection.no_photon": _("The study has no dose of the photon plan."),
    "proton.selection.no_photon.remedy": _(
        "Send the RTDOSE with the sum of the plan; nothing is guessed in its place."
    ),
    "proton.selection.no_prescription": _(
        "The plan does not say how many Gy in how many fractions."
    ),
    "proton.selection.no_prescription.remedy": _("Enter both in the form, or send the RTPLAN."),
    "proton.selection.no_proton": _("The study has no dose of a proton plan."),
    "proton.selection.no_proton.remedy": _(
        "Send the RTDOSE of the proton plan with the same frame of reference."
    ),
    "proton.selection.no_planning": _(
        "Automatic proton planning is not installed here; the comparison stays as it was."
    ),
    "proton.selection.no_planning.remedy": _(
        "The administrator installs it with “make planning”. Or send a proton plan with the study."
    ),
    "proton.selection.no_record": _("There is no answered comparison behind “{where}”."),
    "proton.selection.no_record.remedy": _(
        "Give the id of a version, or the JSON record from its page."
    ),
    "proton.selection.target_left_out": _(
        "The proton dose leaves out the target {where}: {value} Gy against {photon} Gy."
    ),
    "proton.selection.target_left_out.remedy": _(
        "Such a dose is not compared. A proton plan that covers every target has to be made."
    ),
    "proton.selection.target_hot": _(
        "The proton plan gives the target {where} far more than the photon plan:"
        " {value} Gy against {photon} Gy."
    ),
    "proton.selection.target_hot.remedy": _(
        "Ask whether its dose is Gy(RBE) and the RBE is in it once. Until then it does not decide."
    ),
    "proton.selection.two_patients": _("The two studies carry the IDs of different patients."),
    "proton.selection.two_patients.remedy": _("Compare two plans of one patient."),
    "proton.selection.record_changed": _("The question is not the one that was answered."),
    "proton.selection.replay_open": _("This version is being worked out again already."),
    "proton.selection.replay_open.remedy": _("Wait for what it finds."),
    "proton.selection.record_changed.remedy": _("Take the record from the page again."),
    "proton.selection.choice_unknown": _("“{value}” is no decision."),
    "proton.selection.choice_unknown.remedy": _("Choose protons, photons or a proton plan first."),
    "proton.selection.not_answered": _("This version has no answer yet."),
    "proton.selection.not_answered.remedy": _("Wait until it is worked out."),
    "proton.selection.nothing_to_stop": _("No proton plan is being made for this version."),
    "proton.selection.nothing_to_stop.remedy": _("Look at its answer."),
    "proton.selection.reason_missing": _("The decision differs from the proposal."),
    "proton.selection.reason_missing.remedy": _("Write why: it is kept beside the proposal."),
}
