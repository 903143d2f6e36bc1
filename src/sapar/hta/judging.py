"""Where a published decision judges one patient, for rooms that know a patient's numbers."""

from __future__ import annotations

from django.urls import reverse

from sapar.hta import queries
from sapar.hta.reading import read

DECISIONS = "/hta/decisions/"


def page_of(decision: str) -> str:
    """The form that says what a decision's rule means for one patient.

    Args:
        decision: the address of a decision, as the network's indications name it.

    Returns:
        Its address; "" where there is no such decision or its model has no rule for one patient.
    """
    if not decision.startswith(DECISIONS):
        return ""
    number = decision.removeprefix(DECISIONS).strip("/")
    kept = queries.published_record(number)
    if kept is None or "eligibility" not in read(kept["document"]).sections:
        return ""
    return reverse("hta:patient", args=[number])
