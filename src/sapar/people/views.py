"""Pages of the room: a person, and the questions whether two are one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sapar.kernel import policy
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.audit import chain
from sapar.kernel.errors import NotAllowedError, SaparError
from sapar.kernel.languages import phrases
from sapar.people import actions, forms, panels, queries
from sapar.people.engine.facts import ContactFact, GuardianFact, IdentifierFact, NameFact
from sapar.people.models import DuplicateQuestion, Person
from sapar.people.policy import Permission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    from django.forms import Form
    from django.http import HttpRequest

    from sapar.kernel.actors import Actor
    from sapar.values.statements import Problem

    Cleaned = dict[str, Any]


def _visible(actor: Actor, person: UUID) -> Person:
    """The person, if the actor may see them; otherwise there is none, as far as they know."""
    return get_object_or_404(
        policy.visible_to(actor, Permission.VIEW, Person.objects.all()), pk=person
    )


def _sentence(problem: Problem) -> str:
    return f"{phrases.text(problem)} {phrases.remedy(problem)}"


def _explain(form: Form, error: SaparError) -> None:
    for problem in error.problems:
        field = problem.where if problem.where in form.fields else None
        form.add_error(field, _sentence(problem))


def _warn(request: HttpRequest, problems: Iterable[Problem] | None) -> None:
    for problem in problems or ():
        messages.warning(request, _sentence(problem))


def _do_correct(by: Actor, person: UUID, given: Cleaned) -> tuple[Problem, ...]:
    return actions.correct(by=by, person=person, **given)


def _do_name(by: Actor, person: UUID, given: Cleaned) -> None:
    actions.add_name(by=by, person=person, fact=NameFact(**given, use="usual"))


def _do_identifier(by: Actor, person: UUID, given: Cleaned) -> tuple[Problem, ...]:
    return actions.add_identifier(by=by, person=person, fact=IdentifierFact(**given))


def _do_contact(by: Actor, person: UUID, given: Cleaned) -> tuple[Problem, ...]:
    return actions.add_contact(by=by, person=person, fact=ContactFact(**given))


def _do_related(by: Actor, person: UUID, given: Cleaned) -> None:
    phone = (ContactFact("phone", given["phone"]),) if given["phone"] else ()
    fact = GuardianFact(
        NameFact(given["family"], given["given"]),
        given["relationship"],
        phone,
        guardian=given["guardian"],
        companion=given["companion"],
    )
    rest = {name: given[name] for name in ("citizenship", "passport", "authority")}
    actions.add_related(by=by, person=person, fact=fact, **rest)


def _do_consent(by: Actor, person: UUID, given: Cleaned) -> None:
    chosen = {name: given[name] or None for name in ("related", "text")}
    actions.record_consent(by=by, person=person, **{**given, **chosen})


def _do_invite(by: Actor, person: UUID, given: Cleaned) -> None:
    actions.invite(by=by, person=person, **given, language=get_language() or "ru")


def _do_erase(by: Actor, person: UUID, given: Cleaned) -> None:
    actions.erase(by=by, person=person, reason=given["reason"])


@dataclass(frozen=True, slots=True)
class _Edit:
    """One thing that can be done on a person's page."""

    form: type[Form]
    do: Callable[[Actor, UUID, Cleaned], tuple[Problem, ...] | None]
    permission: Permission


_EDITS = {
    "correct": _Edit(forms.CorrectForm, _do_correct, Permission.EDIT),
    "name": _Edit(forms.NameForm, _do_name, Permission.EDIT),
    "identifier": _Edit(forms.IdentifierForm, _do_identifier, Permission.EDIT),
    "contact": _Edit(forms.ContactForm, _do_contact, Permission.EDIT),
    "related": _Edit(forms.RelatedForm, _do_related, Permission.EDIT),
    "consent": _Edit(forms.ConsentForm, _do_consent, Permission.CONSENT),
    "invite": _Edit(forms.InviteForm, _do_invite, Permission.INVITE),
    "erase": _Edit(forms.EraseForm, _do_erase, Permission.ERASE),
}


@require_safe
@signed_in
def person(request: HttpRequest, person: UUID) -> HttpResponse:
    """A person with everything that is known of them; the read is noted."""
    actor = actor_of(request)
    _visible(actor, person)
    chain.note_read(by=actor, root=("patient", person), page="people.person")
    return render(request, "people/person.html", panels.person_context(actor, person))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: HttpRequest, person: UUID, what: str) -> HttpResponse:
    """One form of a person's page: shown, then carried out."""
    actor = actor_of(request)
    row = _visible(actor, person)
    if what not in _EDITS or not policy.can(actor, _EDITS[what].permission, row):
        raise Http404
    entry = _EDITS[what]
    view = queries.person(person)
    extra: dict[str, Any] = {"view": view} if what == "consent" else {}
    form = entry.form(request.POST or None, initial=_initial(what, view), **extra)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                _warn(request, entry.do(actor, person, dict(form.cleaned_data)))
            except SaparError as error:
                _explain(form, error)
                status = error.http_status
            else:
                messages.success(request, _("Saved."))
                return redirect("people:person", person)
        else:
            status = 422
    chain.note_read(by=actor, root=("patient", person), page=f"people.edit.{what}")
    context = {
        "form": form, "what": what, "person": view, "name": view.display_name(get_language() or "")
    }  # fmt: skip
    return render(request, "people/edit.html", context, status=status)


def _initial(what: str, view: queries.PersonView) -> dict[str, Any]:
    if what != "correct":
        return {}
    return {
        "version": view.version,
        "birth_date": str(view.birth or view.birth_date_text),
        **{
            name: getattr(view, name)
            for name in ("gender", "citizenship", "residence", "city", "language")
        },
    }


@require_POST
@signed_in
def remove(request: HttpRequest, person: UUID, what: str, part: UUID) -> HttpResponse:
    """Remove a name, number or contact; end a guardian's part, a consent or an access."""
    actor = actor_of(request)
    _visible(actor, person)
    removals: dict[str, Callable[[], None]] = {
        "name": lambda: actions.remove_name(by=actor, person=person, name=part),
        "identifier": lambda: actions.remove_identifier(by=actor, person=person, identifier=part),
        "contact": lambda: actions.remove_contact(by=actor, person=person, contact=part),
        "related": lambda: actions.end_related(by=actor, person=person, related=part),
        "consent": lambda: actions.withdraw_consent(by=actor, consent=part),
        "access": lambda: actions.end_access(by=actor, access=part),
    }
    if what not in removals:
        raise Http404
    try:
        removals[what]()
    except NotAllowedError:
        raise
    except SaparError as error:
        _warn(request, error.problems)
    else:
        messages.success(request, _("Saved."))
    return redirect("people:person", person)


def _decidable(actor: Actor) -> Any:
    """The questions about persons whose duplicates the actor may decide."""
    persons = policy.visible_to(actor, Permission.DECIDE, Person.objects.all())
    questions = DuplicateQuestion.objects.filter(person__in=persons)
    if not policy.can(actor, Permission.DECIDE_ACROSS):
        known = policy.visible_to(actor, Permission.VIEW, Person.objects.all())
        questions = questions.filter(candidate__in=known)
    return questions


@require_safe
@signed_in
def duplicates(request: HttpRequest) -> HttpResponse:
    """The open questions that the reader may decide, oldest first."""
    actor = actor_of(request)
    rows = _decidable(actor).filter(state=DuplicateQuestion.State.OPEN).order_by("pk")[:200]
    known = queries.people({row.person_id for row in rows})
    language = get_language() or ""
    shown = [{"question": row, "name": known[row.person_id].display_name(language)} for row in rows]
    for row in rows:
        chain.note_read(by=actor, root=("patient", row.person_id), page="people.duplicates")
    return render(request, "people/duplicates.html", {"rows": shown})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def question(request: HttpRequest, question: UUID) -> HttpResponse:
    """Two records side by side; there is no way to close the question without a choice."""
    actor = actor_of(request)
    row = get_object_or_404(_decidable(actor), pk=question)
    form = forms.DecisionForm(request.POST or None, initial={"version": row.version})
    status = 200
    if request.method == "POST":
        if form.is_valid():
            given = form.cleaned_data
            same = given["choice"] == DuplicateQuestion.State.SAME
            decide = actions.decide_same if same else actions.decide_different
            try:
                decide(by=actor, question=question, version=given["version"],
                       reason=given["reason"])  # fmt: skip
            except SaparError as error:
                _explain(form, error)
                status = error.http_status
            else:
                messages.success(request, _("Saved."))
                return redirect("people:duplicates")
        else:
            status = 422
    for shown in (row.person_id, row.candidate_id):
        chain.note_read(by=actor, root=("patient", shown), page="people.question")
    two = queries.people({row.person_id, row.candidate_id})
    context = {
        "form": form,
        "question": row,
        "rows": panels.rows_of(two[row.person_id], two[row.candidate_id]),
    }
    return render(request, "people/question.html", context, status=status)
