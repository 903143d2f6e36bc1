"""The referral form: one topic a page. A page knows how to read and to change the facts.

`TOPICS` is the order of the pages. What is valid is kept at once, what is not stays on the page
with its reason; so leaving and coming back loses nothing.
"""

from __future__ import annotations

from sapar.answer.forms.base import Topic
from sapar.answer.forms.clinical import DiagnosisTopic, HistoryTopic
from sapar.answer.forms.person import FamilyTopic, PatientTopic
from sapar.answer.forms.request import AskTopic, DocumentsTopic, TravelTopic

TOPICS: dict[str, type[Topic]] = {
    topic.slug: topic
    for topic in (
        AskTopic,
        PatientTopic,
        FamilyTopic,
        DiagnosisTopic,
        HistoryTopic,
        DocumentsTopic,
        TravelTopic,
    )
}

__all__ = ["TOPICS", "Topic"]
