"""Filters for what is shown of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.translation import gettext as _

from sapar.kernel.languages import formats, phrases
from sapar.people.adapters import phones
from sapar.people.models import PersonIdentifier

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.values.statements import Problem

register = template.Library()


@register.filter
def country_name(code: str) -> str:
    """A country's name in the reader's language; "" for no code."""
    return formats.country(code) if code else ""


@register.filter
def phone_number(value: str) -> str:
    """A telephone number with blanks; an e-mail address as it is."""
    return phones.shown(value) if value.startswith("+") else value


@register.filter
def sentence(problem: Problem) -> str:
    """What is wrong and what to do about it."""
    return f"{phrases.text(problem)} {phrases.remedy(problem)}"


@register.filter
def why(reasons: Iterable[str]) -> str:
    """Why two persons may be one: what agrees, then what contradicts."""
    kinds = dict(PersonIdentifier.Kind.choices)
    words = {
        "name": _("the same name"),
        "birth_date": _("the same date of birth"),
        "birth_date_differs": _("but another date of birth"),
        "sex_differs": _("but another sex"),
    }
    said = []
    for reason in reasons:
        kind, differs, _rest = reason.partition("_differs")
        if reason in words:
            said.append(words[reason])
        elif kind in kinds:
            text = _("but another {kind}") if differs else _("the same {kind}")
            said.append(text.format(kind=kinds[kind]))
    return ", ".join(said)
