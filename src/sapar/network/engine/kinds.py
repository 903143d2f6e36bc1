"""The kinds of entries: their file key, their dataclass, and who owns them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.network.engine import snapshot as s

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of entry.

    Attributes:
        key: in files, records and `Snapshot`: "organisations", "visa_routes", ...
        entry: the dataclass of one entry.
        keyed: whether `Snapshot` holds them by code, or as a tuple in order of code.
        owned_by: how the owner is found if the file names none: "self" (an organisation),
            "centre", "programme" (its centre's organisation), or the field that names the
            country whose ministry owns it.
        once: fields that, taken together, may be held by only one entry on any day.
    """

    key: str
    entry: type[s.Dated]
    keyed: bool
    owned_by: str
    once: tuple[str, ...] = ()


KINDS: Mapping[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("countries", s.Country, True, "country", ("country",)),
        Kind("organisations", s.Organisation, True, "self"),
        Kind("centres", s.Centre, True, "self"),
        Kind("programmes", s.Programme, True, "centre"),
        Kind("equipment", s.Equipment, False, "centre"),
        Kind("accreditations", s.Accreditation, False, "centre", ("centre", "scheme")),
        Kind("indications", s.Indication, True, "programme"),
        Kind(
            "agreements",
            s.Agreement,
            False,
            "centre_country",
            ("patient_country", "centre_country", "payer", "route"),
        ),
        Kind("tariffs", s.Tariff, False, "programme", ("programme", "indication", "item")),
        Kind(
            "visa_routes",
            s.VisaRoute,
            False,
            "destination",
            ("citizenship", "destination", "kind"),
        ),
        Kind("holidays", s.Holiday, False, "country", ("country", "day")),
        Kind("facts", s.Fact, True, ""),
    )
}
"""By key, in the order in which they are loaded."""
