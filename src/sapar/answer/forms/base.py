"""What every page of the referral form does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from sapar.cases.engine.referral import ReferralFacts
    from sapar.network.engine.snapshot import Snapshot


class DayInput(forms.DateInput):
    """The browser's own date field: its value is ISO 8601 in every language."""

    input_type = "date"

    def __init__(self) -> None:
        """Without Django's localised format, which the browser would not understand."""
        super().__init__(format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day, typed into the browser's own date field."""

    widget = DayInput

    def __init__(self, **options: Any) -> None:
        """Accept ISO 8601 first."""
        super().__init__(input_formats=["%Y-%m-%d", "%d.%m.%Y"], **options)


class Topic(forms.Form):
    """One page of the referral form.

    Attributes:
        slug: its part of the address.
        title: what the page is about.
        items: completeness items that the page can settle, so that the list of what is missing
            leads to the right page.
    """

    slug: ClassVar[str]
    title: ClassVar[str | _StrPromise]
    items: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, network: Snapshot, **options: Any) -> None:
        """Keep the network, from which choices come."""
        self.network = network
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.required = False  # completeness is the programme's business, not the page's

    @classmethod
    def read(cls, facts: ReferralFacts) -> dict[str, Any]:  # noqa: ARG003 - pages read them
        """The page's initial values."""
        return {}

    def merged(self, facts: ReferralFacts) -> ReferralFacts:
        """The facts with this page's valid values; what is not valid changes nothing.

        Call after validation (`is_valid()`, whatever it said).
        """
        return facts

    def value(self, name: str, old: Any) -> Any:
        """The cleaned value of a field, or the old one where what was typed is not valid."""
        return self.cleaned_data.get(name, old)
