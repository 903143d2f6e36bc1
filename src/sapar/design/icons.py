"""Our own icons and marks, drawn on a grid of 20 with a line of 1.6."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

ICONS: dict[str, str] = {
    "arrow-right": '<path d="M4 10h12M11 5l5 5-5 5"/>',
    "arrow-left": '<path d="M16 10H4M9 5l-5 5 5 5"/>',
    "arrow-up": '<path d="M10 16V4M5 9l5-5 5 5"/>',
    "arrow-down": '<path d="M10 4v12M5 11l5 5 5-5"/>',
    "balance": ('<path d="M10 3.5v13M6.5 16.5h7M4 5.5h12M4 5.5L1.8 11h4.4zM16 5.5L13.8 11h4.4z"/>'),
    "bed": (
        '<path d="M3 16V5M3 13h14v3M17 13v-2a2 2 0 0 0-2-2H8v4"/><circle cx="5.7" '
        'cy="9.7" r="1.2"/>'
    ),
    "building": '<path d="M4 17V4h8v13M12 8h4v9M2.5 17h15M7 7h2M7 10h2M7 13h2"/>',
    "calendar": '<path d="M3.5 5h13v11.5h-13zM3.5 8.5h13M7 3v3.5M13 3v3.5"/>',
    "check": '<path d="M4 10.5l4 4 8-9"/>',
    "chevron-down": '<path d="M5 8l5 5 5-5"/>',
    "chevron-right": '<path d="M8 5l5 5-5 5"/>',
    "clock": '<circle cx="10" cy="10" r="6.7"/><path d="M10 6v4l2.8 1.8"/>',
    "close": '<path d="M5 5l10 10M15 5L5 15"/>',
    "document": '<path d="M5 2.8h6.5L15 6.3v10.9H5zM11.5 2.8v3.5H15M7.5 10h5M7.5 13h5"/>',
    "download": '<path d="M10 3v9M6 8.5l4 4 4-4M4 16.5h12"/>',
    "edit": '<path d="M4 16l.8-3.5 8.4-8.4 2.7 2.7-8.4 8.4zM11.5 5.8l2.7 2.7"/>',
    "filter": '<path d="M3.5 5h13M6 10h8M8.5 15h3"/>',
    "globe": (
        '<circle cx="10" cy="10" r="6.7"/><path d="M3.3 10h13.4M10 3.3c-4.5 4.5-4.5 8.9 '
        '0 13.4M10 3.3c4.5 4.5 4.5 8.9 0 13.4"/>'
    ),
    "heart": (
        '<path d="M10 16C4.5 12.2 3 9.6 3 7.4A3.5 3.5 0 0 1 10 6a3.5 3.5 0 0 1 7 1.4c0 '
        '2.2-1.5 4.8-7 8.6z"/>'
    ),
    "home": '<path d="M3.5 9.5L10 4l6.5 5.5M5.5 8v8.5h9V8M10 16.5v-4"/>',
    "key": '<circle cx="7" cy="13" r="3.3"/><path d="M9.4 10.6L16 4M13 7l2.3 2.3"/>',
    "list": '<path d="M7.5 5H17M7.5 10H17M7.5 15H17M3.5 5h.5M3.5 10h.5M3.5 15h.5"/>',
    "lock": '<path d="M4.5 9h11v7.5h-11zM7 9V6.5a3 3 0 0 1 6 0V9M10 12v1.5"/>',
    "mail": '<path d="M3 5h14v10.5H3zM3 6l7 5.5L17 6"/>',
    "menu": '<path d="M3.5 6h13M3.5 10h13M3.5 14h13"/>',
    "message": '<path d="M3 4.5h14v9.5H9.5L6 17v-3H3z"/>',
    "money": '<path d="M2.5 5.5h15v9h-15zM5 8v4M15 8v4"/><circle cx="10" cy="10" r="2"/>',
    "passport": '<path d="M5 2.8h10v14.4H5zM8 14h4"/><circle cx="10" cy="8.5" r="2.6"/>',
    "people": (
        '<circle cx="7.5" cy="7" r="2.6"/><path d="M2.5 16c0-3 2-5 5-5s5 2 5 5M13 '
        '4.7a2.6 2.6 0 0 1 0 4.7M14.5 11.5c2 .7 3 2.4 3 4.5"/>'
    ),
    "person": '<circle cx="10" cy="6.5" r="3"/><path d="M4 17c0-3.6 2.4-6 6-6s6 2.4 6 6"/>',
    "phone": (
        '<path d="M5 3h3l1.3 3.8-1.8 1.4c.8 1.9 2.3 3.4 4.3 4.3l1.4-1.8L17 12v3c0 1-1 '
        '2-2 2C8.5 17 3 11.5 3 5c0-1 1-2 2-2z"/>'
    ),
    "plus": '<path d="M10 4v12M4 10h12"/>',
    "print": '<path d="M6 7V3h8v4M6 14H3V7h14v7h-3M6 11.5h8V17H6z"/>',
    "question": (
        '<circle cx="10" cy="10" r="6.7"/><path d="M8 8a2 2 0 1 1 2.8 '
        '1.8c-.6.300-.8.700-.8 1.4M10 13.6v.1"/>'
    ),
    "search": '<circle cx="8.7" cy="8.7" r="5.2"/><path d="M12.5 12.5L17 17"/>',
    "send": '<path d="M3 10l14-6.5L12.5 17l-3-5.5zM9.5 11.5L17 3.5"/>',
    "shield": '<path d="M10 2.8l6 2.2v4.5c0 3.8-2.3 6.3-6 7.7-3.7-1.4-6-3.9-6-7.7V5z"/>',
    "sort": '<path d="M7 8l3-3.5L13 8M7 12l3 3.5 3-3.5"/>',
    "train": '<path d="M5.5 3h9v10h-9zM5.5 8.5h9M7 17l1.5-4M13 17l-1.5-4M8 10.8h.1M12 10.8h.1"/>',
    "upload": '<path d="M10 13V4M6 7.5l4-4 4 4M4 16.5h12"/>',
    "warning": '<path d="M10 3.2L17.5 16.5h-15zM10 8.3v3.8M10 14.2v.1"/>',
}

# The silhouettes differ, so that they can be told apart without colour and on bad paper.
MARKS: dict[str, str] = {
    "done": '<circle cx="8" cy="8" r="7"/><path class="cut" d="M4.7 8.3l2.3 2.3 4.3-5"/>',
    "waiting": (
        '<circle class="open" cx="8" cy="8" r="6"/><path class="open" d="M8 4.5V8l2.3 1.5"/>'
    ),
    "act": '<path d="M8 1l7.3 13.5H.7z"/><path class="cut" d="M8 6v4M8 12.1v.2"/>',
    "stopped": (
        '<path d="M1.5 1.5h13v13h-13z"/><path class="cut" d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6"/>'
    ),
}

URGENCY_STEPS: dict[str, int] = {"routine": 1, "urgent": 2, "asap": 3, "stat": 4}
_BARS = ("M1 11h2.6v4H1z", "M5 8h2.6v7H5z", "M9 5h2.6v10H9z", "M13 1h2.6v14H13z")


def icon_svg(name: str) -> SafeString:
    """The icon with this name; decoration, so hidden from readers of the page aloud.

    Raises:
        KeyError: there is no such icon.
    """
    return format_html(
        '<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"'
        ' focusable="false">{}</svg>',
        mark_safe(ICONS[name]),  # noqa: S308 - our own drawings, above
    )


def mark_svg(meaning: str) -> SafeString:
    """The shape of one of the four meanings.

    Raises:
        KeyError: there is no such meaning.
    """
    return format_html(
        '<svg class="shape" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"'
        ' focusable="false">{}</svg>',
        mark_safe(MARKS[meaning]),  # noqa: S308 - our own drawings, above
    )


def urgency_svg(code: str) -> SafeString:
    """Rising bars, as many filled as the urgency asks for.

    Raises:
        KeyError: the code is not a FHIR request-priority.
    """
    steps = URGENCY_STEPS[code]
    bars = "".join(
        f'<path class="{"on" if number < steps else "off"}" d="{bar}"/>'
        for number, bar in enumerate(_BARS)
    )
    return format_html(
        '<svg class="bars" viewBox="0 0 17 16" width="17" height="16" aria-hidden="true"'
        ' focusable="false">{}</svg>',
        mark_safe(bars),  # noqa: S308 - made of the constants above
    )


# A road comes from the left, beats once as a cardiogram does, and goes on.
LOGO = (
    '<path class="road" d="M2 24h9l3-4 3 4h3l4-19 5 24 3-9 2 4h12"/>'
    '<path class="dash" d="M2 29h10M34 29h12"/>'
)


def logo_svg() -> SafeString:
    """The mark of Sapar."""
    return format_html(
        '<svg class="logo" viewBox="0 0 48 34" width="48" height="34" aria-hidden="true"'
        ' focusable="false">{}</svg>',
        mark_safe(LOGO),  # noqa: S308 - our own drawing
    )
