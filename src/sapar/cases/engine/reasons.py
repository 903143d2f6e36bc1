"""Coded reasons: why a case was declined, held, released or cancelled. Lists as data.

A transition names the list its reason must come from (`cases.states`); free text stands
beside the code. The sentences are phrases, `cases.reason.<list>.<code>`.

Source of the cancellation and non-attendance codes: NHS e-Referral Service code systems
REFERRAL-CANCELLATION-REASON (2022-01-21) and APPOINTMENT-NON-ATTENDANCE-REASON (2021-05-26),
of which we keep those that mean something outside England. The other lists are ours.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of one list.

    Attributes:
        code: kebab-case.
        ers: the code of the NHS e-Referral Service that means the same, or "".
        text_needed: the code alone says too little; free text must stand beside it.
    """

    code: str
    ers: str = ""
    text_needed: bool = False


OTHER = Reason("other", "OTHER_OTHER", text_needed=True)

REASONS: dict[str, tuple[Reason, ...]] = {
    "decline": (
        Reason("no-benefit-expected"),
        Reason("outside-indication"),
        Reason("not-fit-to-travel"),
        Reason("start-window-missed"),
        Reason("no-capacity-in-time"),
        Reason("better-treated-at-home"),
        Reason("information-insufficient"),
        OTHER,
    ),
    "information": (
        Reason("imaging-missing"),
        Reason("pathology-missing"),
        Reason("operation-note-missing"),
        Reason("laboratory-missing"),
        Reason("identity-unclear"),
        Reason("consent-missing"),
        Reason("translation-needed"),
        OTHER,
    ),
    "onward": (
        Reason("other-centre-better-suited"),
        Reason("other-centre-sooner"),
        Reason("family-wish"),
        OTHER,
    ),
    "appeal": (
        Reason("new-information"),
        Reason("condition-changed"),
        Reason("decision-disputed"),
        OTHER,
    ),
    "refuse-funding": (
        Reason("not-on-funded-list"),
        Reason("quota-used-up"),
        Reason("not-entitled"),
        Reason("papers-missing"),
        OTHER,
    ),
    "refuse-visa": (
        Reason("refused-by-authority"),
        Reason("papers-missing"),
        Reason("passport-invalid"),
        OTHER,
    ),
    "release": (
        Reason("hold-expired"),
        Reason("another-track-failed"),
        Reason("another-payer"),
        Reason("another-date"),
        Reason("patient-request", "PATIENT_REQUEST_CANCELLATION_OTHER"),
        Reason("centre-request", "PROVIDER_CANCELLATION"),
        OTHER,
    ),
    "reschedule": (
        Reason("clinical-need", "BOOKED_CLINICAL_NEED"),
        Reason("patient-ill", "PATIENT_ILL"),
        Reason("equipment-down"),
        Reason("visa-late"),
        Reason("funding-late"),
        Reason("patient-request", "PATIENT_REQUEST_CANCELLATION_OTHER"),
        OTHER,
    ),
    "no-show": (
        Reason("cancelled-too-late", "CANCELLED_TOO_LATE"),
        Reason("arrived-too-late", "ARRIVED_TOO_LATE"),
        Reason("forgot", "PATIENT_FORGOT"),
        Reason("patient-ill", "PATIENT_ILL"),
        Reason("border-or-travel"),
        Reason("not-known", "UNKNOWN"),
        OTHER,
    ),
    "interrupt": (
        Reason("toxicity"),
        Reason("infection"),
        Reason("equipment-down"),
        Reason("patient-request", "PATIENT_REQUEST_CANCELLATION_OTHER"),
        OTHER,
    ),
    "urgency": (
        Reason("condition-worse"),
        Reason("condition-stable"),
        Reason("start-window"),
        OTHER,
    ),
    "cancel": (
        Reason("no-longer-needed", "TREATMENT_NO_LONGER_REQUIRED"),
        Reason("patient-request", "PATIENT_REQUEST_CANCELLATION_OTHER"),
        Reason("referrer-request", "REFERRER_CANCELLATION"),
        Reason("centre-request", "PROVIDER_CANCELLATION"),
        Reason("treated-elsewhere", "BOOKED_OUTSIDE_CAB"),
        Reason("private-treatment", "INTEND_PRIVATE"),
        Reason("not-fit-to-travel"),
        Reason("not-funded"),
        Reason("visa-refused"),
        OTHER,
    ),
    "error": (
        Reason("raised-in-error", "RAISED_IN_ERROR"),
        Reason("wrong-patient"),
        Reason("duplicate"),
        OTHER,
    ),
}
"""Every list by name."""


def reason(list_name: str, code: str) -> Reason | None:
    """The reason with this code in this list, or None."""
    for entry in REASONS[list_name]:
        if entry.code == code:
            return entry
    return None
