"""One form for every kind of entry, made from the kind's dataclass.

The form only turns fields into the plain form of an entry and back; whether it is right is
decided by `engine.check`, the same for files and for people.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sapar.kernel.languages.formats import language_name
from sapar.network.engine import snapshot as s
from sapar.network.engine.check import hints
from sapar.network.engine.kinds import KINDS
from sapar.network.engine.vocabulary import LANGUAGES, WORDS
from sapar.network.phrases import word
from sapar.values.money import Money

ROWS: dict[str, tuple[type, tuple[str, ...]]] = {
    "start_windows": (s.StartWindow, ("urgency", "days", "counted_from")),
    "quotas": (s.Quota, ("code", "programme", "places", "valid_from", "valid_to")),
}
"""Lists of groups: edited as one line each, fields between bars."""

VALIDITY = ("valid_from", "valid_to")
SOURCE = ("title", "dated", "mark", "url", "who_can_tell")


class EntryForm(forms.Form):
    """An entry of one kind; `plain()` gives what `engine.check` takes."""

    def __init__(
        self, *args: Any, kind: str, entry: Mapping[str, Any] | None = None, **more: Any
    ) -> None:
        """Make the fields of a kind, filled from an entry's plain form."""
        super().__init__(*args, **more)
        self.kind = KINDS[kind]
        self.shapes = hints(self.kind.entry)
        known: Mapping[str, Any] = entry or {}
        for f in fields(self.kind.entry):
            if f.name != "source" and not (f.name == "code" and entry):
                default = f.default if f.default is not MISSING else None
                if f.default_factory is not MISSING:
                    default = f.default_factory()
                self._add(f.name, self.shapes[f.name], known.get(f.name, default))
        source = known.get("source", {})
        self._source(source)
        self.fields["comment"] = forms.CharField(
            label=_("Why you change it"), required=False, max_length=500
        )

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """What the entry says."""
        aside = {*VALIDITY, "comment"}
        return [bound for bound in self if bound.name not in aside and "source." not in bound.name]

    @property
    def source_fields(self) -> list[forms.BoundField]:
        """Where it is known from, and from when until when it holds."""
        return [bound for bound in self if bound.name in VALIDITY or "source." in bound.name]

    def _add(self, name: str, shape: Any, value: Any) -> None:
        label = word(name, "field")
        origin, args = typing.get_origin(shape), typing.get_args(shape)
        if origin in (typing.Union, types.UnionType):
            shape, origin = args[0], typing.get_origin(args[0])
        if origin is Mapping:
            for language in LANGUAGES:
                text = forms.CharField(
                    label=f"{label}: {language_name(language)}", required=False, max_length=300
                )
                text.initial = (value or {}).get(language, "")
                self.fields[f"{name}.{language}"] = text
            return
        if shape is Money:
            for part, shown in (("amount", label), ("currency", _("Currency"))):
                self.fields[f"{name}.{part}"] = forms.CharField(label=shown, max_length=30)
                self.fields[f"{name}.{part}"].initial = (value or {}).get(part, "")
            return
        made = self._control(name, shape, value)
        made.label = label
        self.fields[name] = made

    def _control(self, name: str, shape: Any, value: Any) -> forms.Field:
        made: forms.Field
        words = WORDS.get(f"{self.kind.entry.__name__}.{name}")
        if name in ROWS:
            made = forms.CharField(widget=forms.Textarea(attrs={"rows": 8}), required=False)
            made.help_text = _("One on a line: {parts}").format(parts=" | ".join(ROWS[name][1]))
            made.initial = "\n".join(
                " | ".join(str(row.get(part) or "") for part in ROWS[name][1])
                for row in value or ()
            )
        elif typing.get_origin(shape) in (tuple, frozenset):
            made = forms.CharField(required=False, initial=", ".join(map(str, value or ())))
            made.help_text = _("Several are divided by commas.")
        elif shape is date:
            # The browser's own calendar; what it sends is the plain form's "2026-03-31".
            made = forms.CharField(required=False, initial=value or "")
            made.widget = forms.DateInput(attrs={"type": "date"})
        elif shape is bool:
            options = [("", "–"), ("true", _("Yes")), ("false", _("No"))]
            made = forms.ChoiceField(choices=options, required=False)
            made.initial = "" if value is None else str(value).lower()
        elif words is not None:
            made = forms.ChoiceField(choices=[(w, word(w)) for w in words], initial=value)
        else:
            made = forms.CharField(required=False, max_length=500, initial=value)
        return made

    def _source(self, source: Mapping[str, Any]) -> None:
        labels = {
            "title": _("Source"),
            "dated": _("Date of the source"),
            "mark": _("Mark"),
            "url": _("Address of the source"),
            "who_can_tell": _("Who can tell"),
        }
        for part in SOURCE:
            made: forms.Field = forms.CharField(required=False, max_length=500)
            if part == "dated":
                made.widget = forms.DateInput(attrs={"type": "date"})
            if part == "mark":
                made = forms.ChoiceField(choices=[(w, word(w)) for w in WORDS["Source.mark"]])
                made.help_text = _("Unverified data is shown and never decides.")
            made.label, made.initial = labels[part], source.get(part, "")
            self.fields[f"source.{part}"] = made

    def plain(self) -> dict[str, Any]:
        """What was written, in the shapes of files; an empty field is None, [] or left out."""
        result: dict[str, Any] = {}
        for name, value in self.cleaned_data.items():
            text = str(value).strip()
            if name == "comment":
                continue
            if text == "":
                empty = _empty(self.shapes.get(name))
                if empty is not None:
                    result[name] = empty[0]
                continue
            group, _dot, part = name.partition(".")
            if part:
                result.setdefault(group, {})[part] = text
            else:
                result[name] = self._read(name, text)
        result.setdefault("source", {}).setdefault("dated", None)
        return result

    def _read(self, name: str, text: str) -> Any:
        if name in ROWS:
            return [self._row(name, line) for line in text.splitlines() if line.strip()]
        shape = self.shapes[name]
        if typing.get_origin(shape) in (typing.Union, types.UnionType):
            shape = typing.get_args(shape)[0]
        if typing.get_origin(shape) in (tuple, frozenset):
            inner = typing.get_args(shape)[0]
            return [_scalar(inner, part.strip()) for part in text.split(",") if part.strip()]
        return _scalar(shape, text)

    def _row(self, name: str, line: str) -> dict[str, Any]:
        kind, names = ROWS[name]
        shapes = hints(kind)
        parts = [part.strip() for part in line.split("|")]
        row = {
            key: _scalar(shapes[key], part)
            for key, part in zip(names, parts, strict=False)
            if part or key in ("urgency", "programme")
        }
        if len(parts) > len(names):
            row["?"] = parts[len(names)]
        return row


def _empty(shape: Any) -> tuple[Any] | None:
    """What an empty field means, in a tuple: None where that is allowed, or no items; or None."""
    if typing.get_origin(shape) in (typing.Union, types.UnionType):
        return (None,)
    return ([],) if typing.get_origin(shape) in (tuple, frozenset) else None


def _scalar(shape: Any, text: str) -> Any:
    """A number or a yes where the field wants one; else the text, for the check to refuse."""
    if shape is int and text.lstrip("-").isdecimal():
        return int(text)
    if shape is bool and text in ("true", "false"):
        return text == "true"
    return text
