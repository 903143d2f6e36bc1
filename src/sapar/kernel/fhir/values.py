"""Reading FHIR's data types as text and days, whatever was sent in their place.

Every function takes any JSON value and returns something of the promised type: an element of
the wrong type reads as "nothing", because the schema has already named it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
LIMIT_TEXT = 4000
"""Characters of one text that reaches a page."""


def obj(value: Any) -> dict[str, Any]:
    """An object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def many(value: Any) -> list[Any]:
    """A list; a single object counts as a list of one, anything else as none."""
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, dict) else []


def objs(value: Any) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [inner for inner in many(value) if isinstance(inner, dict)]


def text(value: Any) -> str:
    """A string, or a number as it was sent; "" for anything else. At most 4000 characters."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, str | int | Decimal):
        return str(value).strip()[:LIMIT_TEXT]
    return ""


def codings(concept: Any) -> list[tuple[str, str, str]]:
    """(system, code, display) of a CodeableConcept, a Coding or a bare code, in the order sent."""
    if isinstance(concept, str):
        return [("", concept.strip(), "")]
    found = objs(obj(concept).get("coding"))
    if not found and "code" in obj(concept) and not isinstance(concept.get("code"), dict):
        found = [concept]
    return [
        (text(coding.get("system")), text(coding.get("code")), text(coding.get("display")))
        for coding in found
    ]


def concept(value: Any) -> str:
    """What a person reads: the text, else the first display, else the first code."""
    own = text(obj(value).get("text")) or text(obj(value).get("display"))
    if own:
        return own
    sent = codings(value)
    shown = [display for _system, _code, display in sent if display]
    return (shown or [code for _system, code, _display in sent if code] or [""])[0]


def code(value: Any) -> str:
    """The first code of a CodeableConcept, Coding or bare code."""
    return next((sent for _system, sent, _display in codings(value) if sent), "")


def quantity(value: Any) -> str:
    """`7.4 mmol/l`, `< 5 mg`: a Quantity as a reader wants it."""
    sent = obj(value)
    amount = text(sent.get("value"))
    unit = text(sent.get("unit")) or text(sent.get("code"))
    return " ".join(part for part in (text(sent.get("comparator")), amount, unit) if part)


def range_text(value: Any) -> str:
    """`3.5 mmol/l – 5.1 mmol/l`: a Range or a Ratio."""
    sent = obj(value)
    if "numerator" in sent:
        return " / ".join(
            part
            for part in (quantity(sent["numerator"]), quantity(sent.get("denominator")))
            if part
        )
    return " – ".join(
        part for part in (quantity(sent.get("low")), quantity(sent.get("high"))) if part
    )


def period(value: Any) -> str:
    """`2020-01 – 2020-03` as sent; an open end is left open."""
    sent = obj(value)
    start, end = text(sent.get("start")), text(sent.get("end"))
    if start and end:
        return start if start == end else f"{start} – {end}"
    return f"{start} –" if start else (f"– {end}" if end else "")


def choice(resource: dict[str, Any], name: str) -> str:
    """A choice element such as `value[x]` or `onset[x]`, as text."""
    for key, sent in resource.items():
        if not key.startswith(name) or (key == name and isinstance(sent, list)):
            continue
        kind = key[len(name) :]
        if kind in READERS:
            return READERS[kind](sent)
        if kind in {"SampledData", "Attachment", "Reference"}:
            return text(obj(sent).get("display")) or text(obj(sent).get("title"))
        if kind == "Boolean" and isinstance(sent, bool):
            return "true" if sent else "false"
        if kind[:1].isupper() and text(sent):
            return text(sent)
    return ""


READERS = {
    "Quantity": quantity,
    "Age": quantity,
    "Duration": quantity,
    "SimpleQuantity": quantity,
    "Range": range_text,
    "Ratio": range_text,
    "Period": period,
    "CodeableConcept": concept,
}


def dosage(value: Any) -> str:
    """One Dosage: its text, else dose, timing and route put together."""
    sent = obj(value)
    own = text(sent.get("text")) or text(sent.get("patientInstruction"))
    if own:
        return own
    rates = objs(sent.get("doseAndRate"))
    doses = [choice(rate, "dose") or choice(rate, "rate") for rate in rates]
    doses.append(choice(sent, "dose"))
    timing = obj(sent.get("timing"))
    repeat = obj(timing.get("repeat"))
    rhythm = concept(timing.get("code"))
    if not rhythm and repeat.get("frequency"):
        # Frequency per period in UCUM units: language-free ("2 / 1 d").
        often, span = text(repeat.get("frequency")), text(repeat.get("period"))
        rhythm = f"{often} / {span} {text(repeat.get('periodUnit'))}".strip()
    needed = concept(sent.get("asNeededCodeableConcept"))
    parts = (*doses, rhythm, needed, concept(sent.get("route")))
    return ", ".join(part for part in parts if part)


def absent_reason(value: Any) -> str:
    """The code of a data-absent-reason extension on an element, or ""."""
    for extension in objs(obj(value).get("extension")):
        if extension.get("url") == ABSENT_REASON:
            return text(extension.get("valueCode"))
    return ""


def day(value: Any) -> date | None:
    """The day of a date or dateTime that names one; None for a partial or a wrong one."""
    sent = text(value)
    try:
        return date.fromisoformat(sent[:10]) if len(sent) >= 10 else None
    except ValueError:
        return None


def moment(value: Any) -> datetime | None:
    """The moment of a dateTime, in UTC; a day alone counts from its beginning in UTC."""
    sent = text(value)
    if len(sent) < 10:
        return None
    try:
        made = datetime.fromisoformat(sent)
        return made.replace(tzinfo=UTC) if made.tzinfo is None else made.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
