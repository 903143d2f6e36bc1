"""The public directory, and the pages on which owners keep their entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sapar.design.components import Link, PageProblem
from sapar.kernel import policy
from sapar.kernel.accounts.models import User
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.errors import SaparError
from sapar.kernel.languages import formats, phrases
from sapar.network import actions
from sapar.network.engine.difference import FieldChange, field_changes
from sapar.network.engine.kinds import KINDS
from sapar.network.forms import EntryForm
from sapar.network.models import Entry, EntryVersion
from sapar.network.phrases import name_in, word
from sapar.network.policy import Permission
from sapar.network.queries import snapshot

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from sapar.network.engine.snapshot import Centre, Snapshot
    from sapar.values.marks import Source


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a centre's card: what, more of it, and where it is known from."""

    title: str
    detail: str
    source: Source

    @property
    def mark(self) -> str:
        """The mark of the source, as a word."""
        return word(self.source.mark.value)


@dataclass(frozen=True, slots=True)
class Card:
    """A centre as the directory shows it."""

    code: str
    name: str
    kind: str
    place: str
    source: Source
    mark: str
    capabilities: tuple[str, ...]
    programmes: tuple[Item, ...]
    equipment: tuple[Item, ...]
    accreditations: tuple[Item, ...]


def _card(shown: Snapshot, centre: Centre) -> Card:
    def until(day: Any) -> str:
        return _("valid to {day}").format(day=formats.day(day)) if day else _("no expiry is known")

    def patients(count: int | None) -> str:
        return "" if count is None else _("{count} patients a year").format(count=count)

    return Card(
        code=centre.code,
        name=name_in(centre.names),
        kind=word(centre.kind),
        place=", ".join(p for p in (name_in(centre.city), formats.country(centre.country)) if p),
        source=centre.source,
        mark=word(centre.source.mark.value),
        capabilities=tuple(sorted(word(c) for c in centre.capabilities)),
        programmes=tuple(
            Item(name_in(p.names), patients(p.capacity_per_year), p.source)
            for p in shown.programmes.values()
            if p.centre == centre.code
        ),
        equipment=tuple(
            Item(name_in(e.names) or word(e.kind), str(e.count), e.source)
            for e in shown.equipment
            if e.centre == centre.code
        ),
        accreditations=tuple(
            Item(a.scheme, until(a.valid_to), a.source)
            for a in shown.accreditations
            if a.centre == centre.code
        ),
    )


@require_GET
def directory(request: HttpRequest) -> HttpResponse:
    """Centres with their programmes, equipment and accreditations; open to everybody."""
    shown = snapshot(timezone.localdate())
    specialty = request.GET.get("specialty", "")
    country = request.GET.get("country", "")
    of = {
        code: {p.specialty for p in shown.programmes.values() if p.centre == code}
        for code in shown.centres
    }
    cards = [
        _card(shown, centre)
        for centre in shown.centres.values()
        if (not specialty or specialty in of[centre.code])
        and (not country or country == centre.country)
    ]
    specialties = sorted({s for found in of.values() for s in found})
    countries = sorted({c.country for c in shown.centres.values()})
    page = {
        "cards": sorted(cards, key=lambda card: card.name),
        "specialties": [("", _("All specialties")), *((s, word(s)) for s in specialties)],
        "countries": [("", _("All countries")), *((c, formats.country(c)) for c in countries)],
        "day": shown.day,
        "demonstration": shown.demonstration,
    }
    return render(request, "network/directory.html", page)


@require_GET
def centre(request: HttpRequest, code: str) -> HttpResponse:
    """One centre, with the source of everything that is said of it."""
    shown = snapshot(timezone.localdate())
    if code not in shown.centres:
        raise Http404
    card = _card(shown, shown.centres[code])
    groups = [
        (_("Programmes"), card.programmes),
        (_("Equipment"), card.equipment),
        (_("Accreditations"), card.accreditations),
    ]
    page = {"card": card, "groups": groups, "day": shown.day}
    return render(request, "network/centre.html", page)


def _title(entry: Entry) -> str:
    return name_in(entry.data.get("names", {})) or entry.data.get("scheme", "") or entry.code


@require_GET
@signed_in
def entries(request: HttpRequest) -> HttpResponse:
    """The entries that this person may edit, by kind."""
    actor = actor_of(request)
    rows = policy.visible_to(actor, Permission.EDIT, Entry.objects.filter(removed=False))
    kind = request.GET.get("kind", "")
    if kind not in KINDS:
        kind = ""
    counts: dict[str, int] = {}
    for key in rows.values_list("kind", flat=True):
        counts[key] = counts.get(key, 0) + 1
    listed = rows.filter(kind=kind) if kind else rows
    page = {
        "rows": [
            {
                "entry": e,
                "title": _title(e),
                "kind": word(e.kind),
                "mark": word(e.mark),
                "stopped": e.mark == "unverified",
                "source": e.data["source"]["title"],
            }
            for e in listed.select_related("owner").order_by("kind", "code")
        ],
        "lists": [
            Link(word(key), f"?kind={key}", current=key == kind, count=counts.get(key, 0))
            for key in KINDS
        ],
        "kind": kind,
        "kind_word": word(kind) if kind else "",
        "may_add": bool(kind and kind != "organisations" and actor.organisation_id),
    }
    return render(request, "network/entries.html", page)


def _version(request: HttpRequest) -> int:
    """The version that the page showed; 0, which no entry has, for anything else."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < len("1000000000") else 0


def _comment(request: HttpRequest) -> str:
    return request.POST.get("comment", "").replace("\x00", "")[:500]


def _mine(request: HttpRequest, entry: UUID) -> Entry:
    """The entry, if this person may edit it; else there is none."""
    rows = policy.visible_to(actor_of(request), Permission.EDIT, Entry.objects.all())
    return get_object_or_404(rows.select_related("owner"), pk=entry)


def _told(form: EntryForm, error: SaparError) -> list[PageProblem]:
    """The problems beside their fields, and all of them on top of the page."""
    result = []
    for problem in error.problems:
        text = f"{phrases.text(problem)} {phrases.remedy(problem)}"
        name = problem.where or problem.value
        if name not in form.fields:
            name = name.split("[")[0]
        if name not in form.fields:
            name = name.split(".")[0]
        if name in form.fields:
            form.add_error(name, text)
        else:
            result.append(PageProblem(text))
    return result


@require_http_methods(["GET", "POST"])
@signed_in
def edit(request: HttpRequest, entry: UUID) -> HttpResponse:
    """Change an entry: its content, source, mark and validity."""
    record = _mine(request, entry)
    form = EntryForm(request.POST or None, kind=record.kind, entry=record.data)
    problems: list[PageProblem] = []
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_entry(
                by=actor_of(request),
                entry=entry,
                version=_version(request),
                data=form.plain(),
                comment=form.cleaned_data["comment"],
            )
        except SaparError as error:
            problems, status = _told(form, error), error.http_status
        else:
            messages.success(request, _("Saved. The former version is in the history."))
            return redirect("network:edit", entry=entry)
    page = {
        "form": form,
        "problems": problems,
        "record": record,
        "title": _title(record),
        "kind": word(record.kind),
        # What the person saw, not what is there now: a stale form must not pass as fresh.
        "version": request.POST.get("version") or record.version,
    }
    return render(request, "network/edit.html", page, status=status)


@require_http_methods(["GET", "POST"])
@signed_in
def add(request: HttpRequest, kind: str) -> HttpResponse:
    """Add an entry of a kind to one's own organisation."""
    actor = actor_of(request)
    allowed = policy.can(actor, Permission.EDIT) and kind in KINDS and kind != "organisations"
    if not allowed or actor.organisation_id is None:
        raise Http404
    form = EntryForm(request.POST or None, kind=kind)
    problems: list[PageProblem] = []
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_entry(
                by=actor,
                kind=kind,
                owner=actor.organisation_id,
                data=form.plain(),
                comment=form.cleaned_data["comment"],
            )
        except SaparError as error:
            problems, status = _told(form, error), error.http_status
        else:
            return redirect("network:edit", entry=made)
    page = {"form": form, "problems": problems, "title": word(kind), "kind": word(kind)}
    return render(request, "network/edit.html", page, status=status)


@require_POST
@signed_in
def remove(request: HttpRequest, entry: UUID) -> HttpResponse:
    """Take an entry out of the network."""
    record = _mine(request, entry)
    try:
        actions.remove_entry(
            by=actor_of(request),
            entry=entry,
            version=_version(request),
            comment=_comment(request),
        )
    except SaparError as error:
        for problem in error.problems:
            messages.error(request, f"{phrases.text(problem)} {phrases.remedy(problem)}")
        return redirect("network:edit", entry=entry)
    messages.success(request, _("Removed. The history keeps it."))
    return redirect("network:history", entry=record.pk)


@dataclass(frozen=True, slots=True)
class Step:
    """One version, and what it changed of the one before."""

    version: EntryVersion
    who: str
    origin: str
    changes: tuple[FieldChange, ...]


@require_GET
@signed_in
def history(request: HttpRequest, entry: UUID) -> HttpResponse:
    """Who changed what, and when; the newest first."""
    record = _mine(request, entry)
    versions = list(record.versions.order_by("-created_at", "-number"))
    people = {
        f"user:{pk}": name
        for pk, name in User.objects.filter(
            pk__in=[v.by[5:] for v in versions if v.by.startswith("user:")]
        ).values_list("pk", "full_name")
    }
    steps = [
        Step(
            version=version,
            who=people.get(version.by, _("The system")),
            origin=word(version.origin),
            changes=field_changes(
                None if former.removed else former.data,
                None if version.removed else version.data,
            )
            if former is not None
            else (),
        )
        for version, former in zip(versions, [*versions[1:], None], strict=True)
    ]
    page = {"record": record, "title": _title(record), "steps": steps, "kind": word(record.kind)}
    return render(request, "network/history.html", page)
