"""What every page of the referral form does."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext as _

from sapar.answer.forms.needs import WHY

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.forms import BoundField
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


def text(*, size: str = "", letters: bool = True, **attrs: Any) -> forms.TextInput:
    """A line of text that looks as long as what goes into it.

    Args:
        size: "short" or "middle"; "" is as wide as the column.
        letters: False for codes and numbers: no spelling, no capitals, a plain keyboard.
        attrs: further attributes, underscores for hyphens.
    """
    given = {name.replace("_", "-"): value for name, value in attrs.items()}
    if size:
        given["data-size"] = size
    if not letters:
        given |= {"spellcheck": "false", "autocapitalize": "off", "autocorrect": "off"}
    return forms.TextInput(attrs={"autocomplete": "off", **given})


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together.

    Attributes:
        title: what they are about; "" for a page of one group.
        rows: names of fields; those of one row stand side by side where there is room.
        hint: a sentence for all of them.
        items: completeness items that any one field of the group settles.
    """

    title: str | _StrPromise
    rows: tuple[tuple[str, ...], ...]
    hint: str | _StrPromise = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A field as the page shows it; `needed` says for which programme and why, or is empty."""

    bound: BoundField
    needed: str = ""


@dataclass
class Block:
    """A group as the page shows it; `needed` says for which programme and why."""

    title: str
    hint: str
    needed: str
    rows: list[list[Asked]] = field(default_factory=list)


class Topic(forms.Form):
    """One page of the referral form.

    Attributes:
        slug: its part of the address.
        title: what the page is about.
        groups: its fields in order.
        single: completeness items that one field alone settles, with that field.
        items: all completeness items that the page can settle, so that the list of what is
            missing leads to the right page.
    """

    slug: ClassVar[str]
    title: ClassVar[str | _StrPromise]
    groups: ClassVar[tuple[Group, ...]] = ()
    single: ClassVar[Mapping[str, str]] = {}
    items: ClassVar[frozenset[str]] = frozenset()
    use_required_attribute = False

    def __init_subclass__(cls) -> None:
        """Gather the items of the groups and fields."""
        super().__init_subclass__()
        if not cls.items:
            cls.items = frozenset(cls.single).union(*(group.items for group in cls.groups))

    def __init__(self, *args: Any, network: Snapshot, **options: Any) -> None:
        """Keep the network, from which choices come."""
        self.network = network
        self.needed: dict[str, str] = {}
        super().__init__(*args, **options)
        for shown in self.fields.values():
            shown.required = False  # completeness is the programme's business, not the page's
        self.fill()
        self._keep_as_sent()

    def fill(self) -> None:
        """Offer the choices, in the reader's language and from the network."""

    def _keep_as_sent(self) -> None:
        """Offer also what came with a file and is on no list of ours, so that it is not lost."""
        for name, shown in self.fields.items():
            sent = str(self.initial.get(name) or "")
            if not isinstance(shown, forms.ChoiceField) or isinstance(
                shown, forms.MultipleChoiceField
            ):
                continue
            choices = [(str(code), word) for code, word in shown.widget.choices]
            if sent and sent not in dict(choices):
                shown.choices = [*choices, (sent, sent)]

    @classmethod
    def read(cls, facts: ReferralFacts) -> dict[str, Any]:  # noqa: ARG003 - pages read them
        """The page's initial values."""
        return {}

    @classmethod
    def seen(cls, facts: ReferralFacts) -> str:
        """A short sign of the page's values: two equal signs, nobody changed the page."""
        values = sorted((name, str(value)) for name, value in cls.read(facts).items() if value)
        return hashlib.sha256(repr(values).encode()).hexdigest()[:16]

    def merged(self, facts: ReferralFacts) -> ReferralFacts:
        """The facts with this page's valid values; what is not valid changes nothing.

        Call after validation (`is_valid()`, whatever it said).
        """
        return facts

    def value(self, name: str, old: Any) -> Any:
        """The cleaned value of a field, or the old one where what was typed is not valid."""
        return self.cleaned_data.get(name, old)

    def refuse_unreadable(self, names: Collection[str]) -> None:
        """Say at each field what the browser could not read: half a date, letters in a number.

        A browser sends nothing in place of such an entry; `refer.js` sends the field's name.
        """
        for name in names:
            if name in self.fields and name not in self.errors:
                self.add_error(name, _("This is not complete. Fill in all of it, or clear it."))

    def mark_needed(self, items: Collection[str], programme: str) -> None:
        """Note for fields and groups what the programme needs, and why. Call before showing."""
        for item in items:
            said = _("Needed for: {programme}.").format(programme=programme) if programme else ""
            said = " ".join(filter(None, (said or _("Always needed."), str(WHY.get(item, "")))))
            self.needed[self.single.get(item, item)] = said

    def blocks(self) -> list[Block]:
        """The groups with their fields, as the page shows them."""
        return [
            Block(
                str(group.title),
                str(group.hint),
                next((self.needed[i] for i in group.items if i in self.needed), ""),
                [
                    [Asked(self[name], self.needed.get(name, "")) for name in row]
                    for row in group.rows
                ],
            )
            for group in self.groups
        ]
