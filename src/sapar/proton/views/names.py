"""What a site means by the names of its structures: proposals, and a person's word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sapar.cases.models import Case
from sapar.design.components import PageProblem
from sapar.kernel import policy
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.audit import chain
from sapar.kernel.errors import InvalidInputError
from sapar.kernel.languages import formats, phrases
from sapar.proton.actions.structure_names import confirm_names
from sapar.proton.engine.selection.names import NOT_USED, SURE
from sapar.proton.policy import Permission
from sapar.proton.queries.structure_names import names_of, table

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.proton.engine.selection.names import Match
    from sapar.proton.queries.structure_names import NamesSeen

HOWS = {
    "remembered": ("done", gettext_lazy("confirmed before")),
    "table": ("", gettext_lazy("in the table")),
    "spelling": ("", gettext_lazy("spelled alike")),
    "unsure": ("act", gettext_lazy("not sure")),
    "side": ("act", gettext_lazy("left or right?")),
    "conflict": ("act", gettext_lazy("two for one name")),
    "helper": ("", gettext_lazy("serves planning only")),
    "derived": ("act", gettext_lazy("a part or a difference")),
    "unknown": ("act", gettext_lazy("not known")),
}
"""How a match came about: its mark and words."""
REGIONS = ("head-and-neck", "brain", "chest", "abdomen", "pelvis", "body")
"""The order in which names are listed."""
MOST_ROWS = 500


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def names(request: HttpRequest, study: UUID) -> HttpResponseBase:
    """The structures of a study, what each is taken for, and the form that says it."""
    actor = actor_of(request)
    seen = names_of(study)
    case = Case.objects.filter(pk=seen.case).first()
    if case is None or not policy.can(actor, Permission.SEE_STUDY, case):
        raise Http404
    if request.method == "POST":
        policy.require(actor, Permission.CONFIRM_NAMES, case)
    said: dict[str, str] = {}
    wrong: list[PageProblem] = []
    if request.method == "POST":
        said = _said(request)
        try:
            changed = confirm_names(by=actor, study=study, names=said)
        except InvalidInputError as error:
            wrong = [_problem(each, seen) for each in error.problems]
        else:
            messages.success(request, _done(changed))
            return redirect(_next(seen, names_of(study)))
    chain.note_reads(by=actor, roots=[("case", case.pk)], page="structure-names")
    page = {
        "rows": _rows(seen, said),
        "wrong": wrong,
        "lead": _lead(seen),
        "may": policy.can(actor, Permission.CONFIRM_NAMES, case),
        "here": reverse("proton:names", args=[study]),
        "case": case.pk,
        "number": case.number,
        "all_names": _all_names(),
        "not_used": NOT_USED,
        "least": formats.number(round(100 * SURE)),
    }
    return render(request, "proton/names.html", page, status=422 if wrong else 200)


def _said(request: HttpRequest) -> dict[str, str]:
    """What the form says: sent name to name; rows that say nothing are left out."""
    found = {}
    for i in range(MOST_ROWS):
        sent = request.POST.get(f"sent-{i}")
        if sent is None:
            break
        other = request.POST.get(f"other-{i}", "").strip()
        name = other or request.POST.get(f"take-{i}", "")
        if name:
            found[sent] = name[:32]
    return found


def _done(changed: int) -> str:
    """What was kept, in words."""
    if not changed:
        return _("Nothing has changed.")
    return ngettext(
        "{count} name is kept for this hospital.",
        "{count} names are kept for this hospital.",
        changed,
    ).format(count=formats.number(changed))


def _next(before: NamesSeen, after: NamesSeen) -> str:
    """Where to go: to the comparison once nothing is open, or here again."""
    if not after.open:
        try:
            return reverse("proton:selection", args=[after.case])
        except NoReverseMatch:
            pass
    return reverse("proton:names", args=[before.study])


def _problem(problem: Any, seen: NamesSeen) -> PageProblem:
    """A mistake as a link to its row."""
    sent = list(dict.fromkeys(each.sent for each in seen.matches))
    row = f"#take-{sent.index(problem.where)}" if problem.where in sent else ""
    return PageProblem(f"{phrases.text(problem)} {phrases.remedy(problem)}", row)


def _lead(seen: NamesSeen) -> tuple[str, str]:
    """(mark, sentence): how many a person must say."""
    if seen.open:
        said = ngettext(
            "{count} structure must be named by a person.",
            "{count} structures must be named by a person.",
            seen.open,
        )
        return "act", said.format(count=formats.number(seen.open))
    if seen.new:
        said = ngettext(
            "{count} proposal has not been confirmed for this hospital yet.",
            "{count} proposals have not been confirmed for this hospital yet.",
            seen.new,
        )
        return "waiting", said.format(count=formats.number(seen.new))
    return "done", _("All names were confirmed for this hospital before.")


def _title(name: str) -> str:
    """A name of the report in the reader's language, or ""."""
    known = table().names.get(name)
    if known is None:
        return ""
    return known.titles.get(get_language() or "en", "") or known.titles.get("en", "")


def _option(name: str, score: float | None) -> tuple[str, str]:
    """A choice: value and words."""
    if name == NOT_USED:
        return NOT_USED, _("Not used by selection")
    if score is None or not score:
        return name, name
    return name, _("{name} ({share} %)").format(name=name, share=formats.number(round(100 * score)))


def _rows(seen: NamesSeen, said: dict[str, str]) -> list[dict[str, Any]]:
    """One row for each sent name; what must be said comes first, the rest in order of sending."""
    roles: dict[str, str] = {}
    shown: dict[str, Match] = {}
    for each, role in zip(seen.matches, seen.roles, strict=True):
        shown.setdefault(each.sent, each)
        roles.setdefault(each.sent, role)
    rows = []
    for i, match in enumerate(shown.values()):
        mark, how = HOWS[match.how]
        listed = [_option(*each) for each in match.alternatives]
        chosen = said.get(match.sent, match.name)
        if chosen and chosen not in {value for value, _words in listed} | {NOT_USED}:
            listed.insert(0, _option(chosen, None))
        rows.append(
            {
                "i": i,
                "sent": match.sent,
                "role": roles[match.sent],
                "name": match.name,
                "title": _title(match.name),
                "chosen": chosen,
                "options": [each for each in listed if each[0] != NOT_USED],
                "score": formats.number(round(100 * match.score)) if match.score else "",
                "mark": mark,
                "how": how,
                "others": ", ".join(match.others),
            }
        )
    return sorted(rows, key=lambda row: (bool(row["name"]), row["i"]))


def _all_names() -> list[tuple[str, str]]:
    """Every name of the table with its words in the reader's language, by region."""
    known = sorted(table().names.values(), key=lambda n: (REGIONS.index(n.region), n.name))
    return [(each.name, _title(each.name)) for each in known]
