"""Studies that came over the network and have no case yet, and the systems that may send."""

from __future__ import annotations

import contextlib
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sapar.design.components import PageProblem
from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.audit import chain
from sapar.kernel.errors import SaparError
from sapar.kernel.languages import formats, phrases
from sapar.proton.actions import peers as peer_actions
from sapar.proton.actions import receiving
from sapar.proton.forms_studies import PeerForm
from sapar.proton.models import DicomPeer, Study
from sapar.proton.policy import Permission
from sapar.proton.queries import studies
from sapar.proton.views.desk import rail
from sapar.proton.views.studies import delivery, organisations

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.kernel.actors import Actor


def _centre(request: HttpRequest, permission: str) -> tuple[Actor, UUID]:
    actor = actor_of(request)
    policy.require(actor, permission)
    if actor.organisation_id is None:
        raise Http404
    return actor, actor.organisation_id


@require_safe
@signed_in
def inbox(request: HttpRequest) -> HttpResponseBase:
    """The studies without a case: who sent them, what they say of whom, and whose they are."""
    actor, centre = _centre(request, Permission.INBOX)
    found = studies.inbox(actor)
    names = organisations(found)
    chain.note_read(by=actor, root=("organisation", centre), page="proton-inbox")
    said = [
        {**delivery(each, names, place), "said": _said(each.sent), "number": _number(each.sent)}
        for place, each in enumerate(found, 1)
    ]
    page = {"lists": rail(actor, "proton:studies"), "deliveries": said}
    return render(request, "proton/studies.html", page)


def _number(sent: dict[str, Any]) -> str:
    """What may be the number of a case, to look at."""
    given = [*sent.get("accession", ()), *sent.get("patient_id", ())]
    return next((each for each in given if each.startswith("S-")), "")


def _said(sent: dict[str, Any]) -> list[tuple[str, str]]:
    labels = {
        "name": _("Name"),
        "birth_date": _("Born"),
        "sex": _("Sex"),
        "patient_id": _("Patient id"),
        "accession": _("Accession number"),
        "study_date": _("Date of the study"),
        "modality": _("What it has"),
    }
    return [
        (label, ", ".join(_plain(name, each) for each in sent[name]))
        for name, label in labels.items()
        if sent.get(name)
    ]


def _plain(name: str, value: str) -> str:
    """A name with blanks for its carets; a day in the reader's form, if it is one."""
    if name == "name":
        return " ".join(part for part in value.split("=", maxsplit=1)[0].split("^") if part)
    if name.endswith("_date") and len(value) == 8 and value.isdecimal():
        with contextlib.suppress(ValueError):
            return formats.day(date.fromisoformat(value))
    return value


@require_POST
@signed_in
def sort(request: HttpRequest, study: UUID) -> HttpResponseBase:
    """Give a study of the inbox its case, or remove it."""
    actor = actor_of(request)
    row = Study.objects.filter(pk=study).first()
    if row is None or not policy.can(actor, Permission.INBOX, row):
        raise Http404
    text = request.POST.get("version", "")
    version = int(text) if text.isdecimal() and len(text) < 10 else 0
    try:
        if request.POST.get("do") == "discard":
            receiving.discard_study(by=actor, study=study, version=version)
            messages.success(request, _("The study was removed."))
            return redirect("proton:studies")
        case = receiving.assign_study(
            by=actor,
            study=study,
            number=request.POST.get("number", ""),
            version=version,
            sure=request.POST.get("sure") == "on",
        )
    except SaparError as error:
        for problem in error.problems:
            messages.error(request, f"{phrases.text(problem)} {phrases.remedy(problem)}")
        return redirect("proton:studies")
    messages.success(request, _("The study belongs to the case now."))
    return redirect("proton:study", case)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def peers(request: HttpRequest) -> HttpResponseBase:
    """The systems that may send to the centre, and a form for a new one."""
    actor, _home = _centre(request, Permission.PEERS)
    form = PeerForm(_senders(), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            peer_actions.add_peer(by=actor, **form.cleaned_data)
        except SaparError as error:
            for problem in error.problems:
                field = problem.where if problem.where in form.fields else None
                form.add_error(field, f"{phrases.text(problem)} {phrases.remedy(problem)}")
        else:
            messages.success(request, _("The system was added."))
            return redirect("proton:peers")
    return _peers(request, actor, form, status=422 if request.method == "POST" else 200)


def _senders() -> list[tuple[str, str]]:
    rows = Organisation.objects.filter(kind__in=peer_actions.SENDERS)
    return sorted(((str(row.pk), row.name) for row in rows), key=lambda pair: pair[1])


def _peers(
    request: HttpRequest, actor: Actor, form: PeerForm, *, status: int = 200, **more: Any
) -> HttpResponseBase:
    page = {
        "lists": rail(actor, "proton:peers"),
        "peers": studies.peers(actor),
        "form": form,
        "web": request.build_absolute_uri("/proton/dicomweb/"),
        **more,
    }
    return render(request, "proton/peers.html", page, status=status)


@require_POST
@signed_in
def change_peer(request: HttpRequest, peer: UUID) -> HttpResponseBase:
    """Trust a system or not, give it a new secret, or remove it."""
    actor = actor_of(request)
    row = DicomPeer.objects.filter(pk=peer).first()
    if row is None or not policy.can(actor, Permission.PEERS, row):
        raise Http404
    wanted = request.POST.get("do", "")
    try:
        if wanted == "token":
            token = peer_actions.new_token(by=actor, peer=peer)
            return _peers(request, actor, PeerForm(_senders()), token=token, of=row.ae_title)
        if wanted == "stop":
            peer_actions.stop_peer(by=actor, peer=peer)
        elif wanted in {"trust", "distrust"}:
            peer_actions.trust_peer(by=actor, peer=peer, trusted=wanted == "trust")
        else:
            raise Http404
    except SaparError as error:
        problems = [
            PageProblem(f"{phrases.text(each)} {phrases.remedy(each)}") for each in error.problems
        ]
        return _peers(request, actor, PeerForm(_senders()), status=409, problems=problems)
    return redirect("proton:peers")
