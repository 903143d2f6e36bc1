"""What every page of one topic begins with: the topic, what this reader may, the parts beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from sapar.design.components import Link
from sapar.hta import queries
from sapar.hta.policy import Permission
from sapar.hta.queries import pages
from sapar.hta.views import process_words as words
from sapar.hta.views.acting import Page

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from sapar.design.components import Meaning
    from sapar.hta.queries.process import TopicWhole
    from sapar.kernel.actors import Actor

PARTS = ("question", "evidence", "dossier", "checklist", "review", "committee")


@dataclass(frozen=True, slots=True)
class TopicPage:
    """A topic on a page.

    Attributes:
        actor: who reads.
        whole: the topic.
        may: permissions of the reader for this topic.
        version: of the topic's record.
        page: the things to do.
        state: the code of the topic's state.
        possible: events that may happen in this state.
    """

    actor: Actor
    whole: TopicWhole
    may: frozenset[str]
    version: int
    page: Page

    @property
    def id(self) -> UUID:
        """Of the topic."""
        return self.whole.seen.id

    @property
    def state(self) -> str:
        """The code of its state."""
        return self.whole.seen.state.code

    @property
    def possible(self) -> frozenset[str]:
        """What may happen in this state."""
        return frozenset(each.event for each in self.whole.events)

    @property
    def prepares(self) -> bool:
        """Whether the reader does the work of the assessment."""
        return Permission.PREPARE in self.may


def begin(request: HttpRequest, actor: Actor, topic: UUID, *, inside: bool = True) -> TopicPage:
    """Read a topic for a page.

    Args:
        request: of the page.
        actor: who reads.
        topic: its id.
        inside: the part is for the body that assesses only.

    Raises:
        NotFoundError: there is none, or the actor may not know of it.
        Http404: the part is not for whoever has only submitted it.
    """
    whole = queries.topic_of(actor, topic)
    may = pages.may_of(actor, topic)
    if inside and Permission.VIEW not in may:
        raise Http404
    return TopicPage(actor, whole, may, whole.seen.version, Page(request))


def rail(here: TopicPage, part: str) -> list[Link]:
    """The parts of a topic with what waits in them."""
    whole = here.whole
    found = [Link(_("Overview"), reverse("hta:topic", args=[here.id]), current=part == "overview")]
    if Permission.VIEW not in here.may:
        return found
    unjudged = sum(not each.certainty for each in whole.evidence)
    remarks = [each for each in whole.reviews if not each.closed]
    must = any(each.weight == "must" for each in remarks)
    counts: dict[str, tuple[int | None, Meaning]] = {
        "question": (None, ""),
        "evidence": (unjudged or len(whole.evidence) or None, "act" if unjudged else ""),
        "dossier": (None, ""),
        "checklist": (None, ""),
        "review": (len(remarks) or None, "act" if must else ""),
        "committee": (None, ""),
    }
    for name in PARTS:
        count, meaning = counts[name]
        found.append(
            Link(
                part_name(name), reverse("hta:topic-part", args=[here.id, name]),
                current=part == name, count=count, meaning=meaning,
            )
        )  # fmt: skip
    return found


def part_name(part: str) -> str:
    """A part of a topic's pages."""
    return {
        "question": _("Question"),
        "evidence": _("Evidence"),
        "dossier": _("Dossier"),
        "checklist": _("Checklist"),
        "review": _("Remarks"),
        "committee": _("Committee"),
    }[part]


def context(here: TopicPage, part: str, *, leaf: str = "", **more: Any) -> dict[str, Any]:
    """What the templates of a topic's pages share; `leaf` is a page below a part."""
    seen = here.whole.seen
    way = [Link(_("Topics"), reverse("hta:topics"))]
    if part == "overview":
        way.append(Link(seen.number))
    else:
        at = reverse("hta:topic-part", args=[here.id, part])
        way += [Link(seen.number, reverse("hta:topic", args=[here.id])), Link(part_name(part), at)]
        if leaf:
            way.append(Link(leaf))
    return {
        "topic": seen,
        "whole": here.whole,
        "parts": rail(here, part),
        "way": way,
        "page": here.page,
        "wrong": here.page.wrong,
        **more,
    }


def decision_rows(here: TopicPage) -> list[dict[str, Any]]:
    """The decisions of a topic, for a list."""
    return [
        {
            "row": each,
            "verdict": words.verdict(each.verdict),
            "state": words.decision_state(each.state),
        }
        for each in pages.decisions_of(here.actor, here.id)
    ]
