"""Telephone numbers of every country, by the library phonenumbers."""

from __future__ import annotations

import phonenumbers


def e164(text: str, country: str = "") -> str:
    """A number as E.164 writes it, "+996555123456", or "" if it cannot be one.

    Args:
        text: as written; a number without a leading + or 00 is read as one of `country`.
        country: ISO 3166-1 alpha-2, or "".
    """
    text = text.strip()
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def shown(number: str) -> str:
    """A number with the blanks that its own country uses; anything else as it is."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(parsed, form))
