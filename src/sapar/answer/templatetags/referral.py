"""A field of the referral form: the design's field with room below it for what comes later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from sapar.design.templatetags import design

if TYPE_CHECKING:
    from sapar.answer.forms.base import Asked

register = template.Library()


@register.inclusion_tag("answer/field.html")
def asked(shown: Asked, warnings: dict[str, list[str]]) -> dict[str, Any]:
    """`{% asked shown warnings %}`: label, what needs it, control, and its problems below.

    Problems stand below the control, so that one that appears while somebody types moves
    nothing that they look at. Their place has the id `later-<name>` and is always there.
    """
    bound = shown.bound
    context = design.field(bound, autosave=True)
    described = [f"{bound.auto_id}_needed"] if shown.needed else []
    described += [f"{bound.auto_id}_helptext"] if bound.help_text else []
    described.append(f"later-{bound.name}")
    attrs: dict[str, str | bool] = {"class": f"control {context['kind']}", "data-autosave": ""}
    attrs |= {"aria-invalid": "true"} if bound.errors else {}
    if not context["grouped"]:
        attrs["aria-describedby"] = " ".join(described)
    return {
        **context,
        "needed": shown.needed,
        "described": " ".join(described),
        "control": bound.as_widget(attrs=attrs),
        "warned": warnings.get(bound.name, []),
    }
