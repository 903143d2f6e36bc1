"""A referral in words: what stands in each field, for reading before it is sent, and after."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sapar.answer.forms import TOPICS
from sapar.kernel.languages import formats, phrases
from sapar.network.queries import snapshot

if TYPE_CHECKING:
    from django.forms import BoundField

    from sapar.cases.engine.referral import ReferralFacts
    from sapar.cases.models import Case


def said_of(bound: BoundField) -> str:
    """The value of a field in words, "" if nothing was given."""
    value = bound.value()
    choices = {str(code): word for code, word in getattr(bound.field, "choices", None) or ()}
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(choices.get(str(one), one)) for one in value)
    if isinstance(value, bool) or getattr(bound.field.widget, "input_type", "") == "checkbox":
        return str(_("Yes")) if value and value != "False" else ""
    if value is None or value == "":
        return ""
    if choices:
        return str(choices.get(str(value), value))
    try:
        read = bound.field.to_python(value)
    except ValueError:  # what was typed is not valid: as it was typed
        read = value
    return formats.day(read) if isinstance(read, date) else str(value)


def blocks(record: Case, facts: ReferralFacts) -> list[dict[str, Any]]:
    """Each topic with its filled fields in words."""
    network = snapshot(timezone.localdate())
    shown = []
    for slug, kind in TOPICS.items():
        form = kind(initial=kind.read(facts), network=network)
        names = [name for group in kind.groups for row in group.rows for name in row]
        rows = [(form[name].label, said_of(form[name])) for name in names]
        if slug == "history":
            rows.extend(
                (phrases.word(f"section.{i.section}"), f"{i.text} {i.value}".strip())
                for i in facts.items
                if i.codings or i.reference
            )
        if slug == "documents":
            rows.extend((phrases.word(f"item.{a.kind}"), a.title) for a in facts.attachments)
        href = reverse("answer:topic", args=[record.pk, slug])
        filled = [(label, said) for label, said in rows if said]
        shown.append({"slug": slug, "title": kind.title, "rows": filled, "href": href})
    return shown
