"""Things to do on a page of the process: a form, what it calls, and what is said afterwards.

A page names everything that may be done on it, whether it fits the present state or not: what is
sent too late is answered by the action's own refusal, beside the form with all that was typed.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from sapar.design.components import PageProblem
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.errors import (
    IllegalTransitionError,
    InvalidInputError,
    NotAllowedError,
    RefusedError,
    SaparError,
    StaleVersionError,
)
from sapar.kernel.languages import phrases
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


TOLD = (
    IllegalTransitionError, InvalidInputError, NotAllowedError, RefusedError, StaleVersionError,
)  # fmt: skip
LONGEST_VERSION = 9


class Bare(forms.Form):
    """A button that needs no words."""


def for_signed_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of the process for whoever is signed in: the view gets `(request, actor, …)`."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, actor_of(request), *args, **kwargs)

    return signed_in(guarded)


@dataclass(slots=True)
class Doing:
    """One thing to do.

    Attributes:
        key: its name in the form that is sent.
        title: what it is about; the words that open it.
        button: what the button says will happen.
        form: bound if this one was sent.
        act: called with the clean values, and "version" among them where the page gave one.
        said: what is said when it is done.
        now: it fits the present state.
        look: "", "primary" or "danger".
        note: what to know before.
        version: of the record, as the page shows it.
        to: where to go afterwards, from what `act` returned; "" stays.
    """

    key: str
    title: str
    button: str
    form: forms.Form
    act: Callable[[dict[str, Any]], Any]
    said: str
    now: bool = True
    look: str = ""
    note: str = ""
    version: int | None = None
    anchor: str = ""
    to: Callable[[Any], str] | None = None
    opened: bool = False

    @property
    def bound(self) -> bool:
        """Whether it was sent and is shown again."""
        return bool(self.form.is_bound)

    @property
    def shown(self) -> bool:
        """Whether the page shows it: what was typed is shown in every state."""
        return self.now or self.bound

    @property
    def open(self) -> bool:
        """Whether its form stands open."""
        return self.bound or self.opened

    @property
    def fields(self) -> list[forms.BoundField]:
        """What is to be filled in; nothing makes it a plain button."""
        return list(self.form.visible_fields())


@dataclass(slots=True)
class Page:
    """The things to do on one page, and what was sent to it.

    Attributes:
        request: of the page.
        doings: by key.
        status: of the answer; 422 or 409 once something was refused.
    """

    request: HttpRequest
    doings: dict[str, Doing] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)
    status: int = 200

    def add(self, key: str, kind: type[forms.Form] = Bare, **given: Any) -> Doing | None:
        """Offer a thing to do; None where the reader may not.

        Args:
            key: its name; unique on the page.
            kind: the form's class.
            given: attributes of `Doing`; "may" (False: the reader has no right), "initial" and
                "options" are for the form.
        """
        may, options = given.pop("may", True), given.pop("options", {})
        initial = given.pop("initial", None)
        if not may:
            self.forbidden.add(key)
            return None
        sent = self.request.method == "POST" and self.request.POST.get("do") == key
        form = kind(
            self.request.POST if sent else None, initial=initial, auto_id=f"{key}-%s", **options
        )
        given.setdefault("button", given.get("title", ""))
        made = Doing(key=key, form=form, **given)
        self.doings[key] = made
        return made

    def take(self) -> HttpResponseBase | None:
        """Do what was sent. An answer that leads on, or None: the page is shown (again).

        Raises:
            Http404: the page has no such thing.
            NotAllowedError: the reader has no right to it.
        """
        if self.request.method != "POST":
            return None
        key = self.request.POST.get("do", "")
        if key in self.forbidden or (not self.doings and self.forbidden):
            raise NotAllowedError(Problem.of("kernel.not_allowed", where="", value=key))
        if key not in self.doings:
            raise Http404
        doing = self.doings[key]
        self.status = 422
        if not doing.form.is_valid():
            return None
        given = {**doing.form.cleaned_data, "version": self._version()}
        try:
            done = doing.act(given)
        except TOLD as error:
            self.status = error.http_status
            self._tell(doing, error)
            return None
        if doing.said:
            messages.success(self.request, doing.said)
        to = doing.to(done) if doing.to else self.request.path
        return redirect(f"{to}#{doing.anchor}" if doing.anchor and not doing.to else to)

    def _version(self) -> int | None:
        text = self.request.POST.get("version", "")
        return int(text) if text.isdecimal() and len(text) <= LONGEST_VERSION else None

    def _tell(self, doing: Doing, error: SaparError) -> None:
        """Errors stand at their field, those of no field over the form."""
        for problem in error.problems:
            where = problem.where if problem.where in doing.form.fields else None
            doing.form.add_error(where, sentence(problem))

    @property
    def wrong(self) -> list[PageProblem]:
        """What is wrong, for the head of the page."""
        found: list[PageProblem] = []
        for each in self.doings.values():
            if not each.bound:
                continue
            found += [
                PageProblem(str(said), f"#{each.key}") for said in each.form.non_field_errors()
            ]
            for bound in each.form:
                href = f"#{bound.id_for_label or bound.auto_id}"
                found += [PageProblem(f"{bound.label}: {said}", href) for said in bound.errors]
        return found

    def some(self, *keys: str) -> list[Doing]:
        """Those of these keys that the page shows, in this order."""
        return [self.doings[key] for key in keys if key in self.doings and self.doings[key].shown]


def sentence(problem: Problem) -> str:
    """What is wrong and what to do about it."""
    if not phrases.known(problem.code):
        return _("This cannot be done: {code}").format(code=problem.code)
    return f"{phrases.text(problem)} {phrases.remedy(problem)}".strip()
