"""Template filters for what the kernel's languages show: `{% load languages %}`.

    {{ line.statement|phrase }}   {{ problem|remedy }}   {{ price|money }}   {{ due|moment }}
    {{ born|day }}   {{ count|number }}   {{ "KG"|country }}   {{ "ky"|language_name }}
    {% when due "Asia/Almaty" "Asia/Bishkek" %}

Each shows "–" for None, so that a template need not ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django import template
from django.utils.html import format_html

from sapar.kernel.languages import formats, phrases

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

register = template.Library()
NOTHING = "–"

T = TypeVar("T")


def _filter(name: str, show: Callable[[T], str]) -> None:
    def shown(value: T | None) -> str:
        return NOTHING if value is None or value == "" else show(value)

    register.filter(name, shown)


_filter("phrase", phrases.text)
_filter("remedy", phrases.remedy)
_filter("money", formats.money)
_filter("number", formats.number)
_filter("day", formats.day)
_filter("short_day", formats.short_day)
_filter("moment", formats.moment)
_filter("country", formats.country)
_filter("language_name", formats.language_name)


@register.simple_tag
def when(value: datetime | None, zone_a: str = "", zone_b: str = "") -> Any:
    """A moment as a `<time>` element, in the zones of both places when they are given."""
    if value is None:
        return NOTHING
    text = formats.both_zones(value, zone_a, zone_b or zone_a) if zone_a else formats.moment(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), text)
