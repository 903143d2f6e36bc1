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
    "proton.selection.age_in_doubt": _(
        "By the study's files the patient was {sent} years old, by what is known here {known}: one"
        " is a child's age."
    ),
    "proton.selection.age_in_doubt.remedy": _(
        "Make sure whose study it is and how old the patient is. Until then the models of adults"
        " decide nothing: the age counts as unknown, or as a child's where it is said to be one."
    ),
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
    "proton.selection.no_target": _(
        "No target has a name in both plans: whether the proton plan covers it is not known."
    ),
    "proton.selection.no_target.remedy": _(
        "Name the targets (GTV, CTV, PTV). Until then it does not decide."
    ),
    "proton.selection.other_contours": _(
        "The proton plan lies in another frame of reference: its own contours were used. A part of"
        " the difference may be theirs."
    ),
    "proton.selection.other_contours.remedy": _(
        "Where the difference is small, plan both on one CT with one structure set."
    ),
    "proton.selection.part_of_course": _(
        "The photon dose reaches {value} Gy at most, and {prescribed} Gy are prescribed: it may be"
        " the dose of a part of the course."
    ),
    "proton.selection.part_of_course.remedy": _(
        "Send the dose of the whole course, or correct the prescription."
    ),
    "proton.selection.other_fractions": _(
        "The proton plan has {value} fractions and the photon plan {photon}: doses in fractions of"
        " different size were compared as they are."
    ),
    "proton.selection.other_fractions.remedy": _(
        "Ask for a proton plan of the same fractions. Until then it does not decide."
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
