"""What stands around a comparison: the form of its covariates, the indication, the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sapar.kernel.errors import NotFoundError
from sapar.network.naming import in_language
from sapar.network.queries import snapshot
from sapar.people import queries as persons
from sapar.proton.adapters.planning.environment import available
from sapar.proton.data_files import knowledge
from sapar.proton.engine.selection.assess.answer import for_hta
from sapar.proton.forms_selection import (
    SelectionForm,
    asked_of,
    initial_of,
    protocol_of,
    site_choices,
    site_words,
)
from sapar.proton.models import Selection
from sapar.proton.queries import structure_names, studies
from sapar.proton.queries.selection import judges
from sapar.proton.selecting import doses_of, prescribed
from sapar.proton.views.selection_shown import MARK_WORDS, endpoint_words, stage_words
from sapar.proton.views.volumes import opened

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import QueryDict

    from sapar.cases.models import Case
    from sapar.network.engine.snapshot import Indication
    from sapar.proton.engine.selection.plan import Study
    from sapar.proton.queries.selection import SelectionSeen
    from sapar.proton.queries.studies import StudyShown

HTA = "/hta/decisions/"
"""Where a decision stands that the network names as the source of an indication."""


def names_of(study: UUID) -> dict[str, str]:
    """The confirmed names of a study's structures; none where it cannot be read any more."""
    try:
        return structure_names.names_of(study).confirmed
    except (NotFoundError, OSError):
        return {}


def prescription(study: Study) -> tuple[float | None, int | None]:
    """What the study's plan says: Gy and fractions."""
    return prescribed(study)


def age_of(row: Case) -> int | None:
    """Completed years today, or None."""
    if row.person_id is None:
        return None
    return persons.person(row.person_id).age(timezone.localdate())


def _kept(study: StudyShown) -> Study | None:
    return opened(studies.folder_of(study.id))


def _form(
    study: StudyShown, site: str, data: QueryDict | None, initial: dict[str, Any]
) -> tuple[SelectionForm, str]:
    library, protocols = knowledge()
    protocol = protocol_of(protocols, site)
    kept = _kept(study)
    form = SelectionForm(
        data,
        asked=asked_of(protocol, library, site),
        library=library,
        prescription=prescribed(kept) if kept is not None else (None, None),
        initial={**initial, "site": site},
    )
    return form, protocol.id if protocol is not None else ""


def stages(study: StudyShown, seen: SelectionSeen | None) -> list[dict[str, Any]]:
    """The stages that can be asked for, and which of them is the next from here.

    A proton plan that was sent comes first; else the estimate, then the automatic plan. Where the
    estimate could not be made (its reasons are kept), the plan is next.
    """
    kept = _kept(study)
    submitted = kept is not None and doses_of(kept).submitted is not None
    here = seen.stage if seen is not None and seen.state == "done" else ""
    offered = [Selection.Stage.ESTIMATE]
    if available():
        offered.append(Selection.Stage.PLAN)
    if submitted:
        offered.append(Selection.Stage.SUBMITTED)
    if submitted:
        wanted = None if here == Selection.Stage.SUBMITTED else Selection.Stage.SUBMITTED
    elif not here or (here == Selection.Stage.ZERO and not (seen and seen.findings)):
        wanted = Selection.Stage.ESTIMATE
    else:
        wanted = Selection.Stage.PLAN if here != Selection.Stage.PLAN else None
    return [
        {"code": str(stage), "label": stage_words(stage), "primary": stage == wanted}
        for stage in offered
    ]


def context(
    row: Case,
    study: StudyShown,
    seen: SelectionSeen | None,
    site: str,
    form: SelectionForm | None,
) -> dict[str, Any]:
    """The form of the covariates, its site, and the stages that can be asked for."""
    _library, protocols = knowledge()
    given = dict(seen.given) if seen is not None else {}
    chosen = site if site in protocols.sites else str(given.get("site", ""))
    if form is not None:
        chosen = str(form.data.get("site", ""))
    names = names_of(study.id)
    made, protocol = (None, "")
    if chosen in protocols.sites:
        made, protocol = _form(study, chosen, None, initial_of(given))
    known = protocols.protocols.get(protocol)
    offered = stages(study, seen)
    goes_on = (
        seen is not None
        and seen.state == "done"
        and seen.verdict != "never-qualifies"
        and made is not None
        and form is None
        and not site
    )
    return {
        "sites": site_choices(protocols),
        "site": chosen,
        "site_words": site_words(chosen) if chosen else "",
        "protocol": in_language(known.names) if known is not None else "",
        "form": form or made,
        "stages": offered,
        "next_stage": next((each for each in offered if each["primary"] and goes_on), None),
        "no_planning": not available(),
        "names_count": len(names),
        "names_href": reverse("proton:names", args=[study.id]),
        "age": age_of(row),
    }


def read(
    row: Case, study: StudyShown, data: QueryDict
) -> tuple[SelectionForm, dict[str, Any] | None]:
    """What was entered, or the form with its mistakes and None."""
    _library, protocols = knowledge()
    site = data.get("site", "")
    site = site if site in protocols.sites else "other"
    form, protocol = _form(study, site, data, {})
    if not form.is_valid():
        return form, None
    return form, form.given(protocol, age_of(row))


def _fits(icd10: str, entry: Indication) -> int:
    """How many letters of the code the entry's longest prefix covers."""
    wanted = icd10.replace(".", "").upper()
    known = [code.replace(".", "").upper() for code in entry.icd10]
    return max((len(code) for code in known if wanted.startswith(code)), default=0)


def _entry(row: Case) -> Indication | None:
    """The case's indication of today's network: as the case says, else by its diagnosis."""
    shown = snapshot(timezone.localdate())
    if row.indication in shown.indications:
        return shown.indications[row.indication]
    age = age_of(row)
    found = [
        (_fits(row.icd10, each), each.code, each)
        for each in shown.indications.values()
        if each.programme == (row.programme or each.programme)
        and (age is None or (each.min_age or 0) <= age <= (each.max_age or age))
    ]
    best = max(found, default=(0, "", None), key=lambda each: (each[0], each[1]))
    return best[2] if best[0] else None


def indication(row: Case) -> dict[str, Any]:
    """The programme's indication and the decision behind it."""
    entry = _entry(row)
    if entry is None:
        return {"name": "", "icd10": row.icd10}
    source = entry.source
    funded = _("payment not decided")
    if entry.funded is not None:
        funded = _("paid for") if entry.funded else _("not paid for")
    return {
        "name": in_language(entry.names),
        "icd10": row.icd10,
        "funded": funded,
        "source": source.title,
        "mark": str(MARK_WORDS.get(source.mark, source.mark)),
        "url": source.url,
        "hta": source.url if source.url.startswith(HTA) else "",
    }


def hta_patient(row: Case, seen: SelectionSeen) -> list[dict[str, str]]:
    """Where the decision behind the indication judges one patient, the numbers filled in."""
    entry = _entry(row)
    if entry is None or not entry.source.url or not seen.answer:
        return []
    page = next(filter(None, (find(entry.source.url) for find in judges)), "")
    if not page:
        return []
    found = []
    for each in for_hta(dict(seen.answer)):
        numbers = {key: round(100 * each[key], 2) for key in ("difference", "low", "high")}
        found.append({"name": endpoint_words(each["name"]), "href": f"{page}?{urlencode(numbers)}"})
    return found
