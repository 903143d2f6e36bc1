"""What the steps and the gates of an assessment say when something is missing or may not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_CORRECT = _("Correct it.")
_ONE_OF = _("Choose one of: {known}.")
_WRITE = _("Write it.")

_PROCESS = {
    "appealed": (_("Your appeal is open already."), _("Wait for the answer to it.")),
    "bias": (_("The risk of bias “{value}” is not a judgement."), _ONE_OF),
    "bias_domain": (_("Studies of this design are not judged by “{value}”."), _ONE_OF),
    "certainty": (_("“{value}” is not a degree of certainty."), _ONE_OF),
    "chance": (
        _("The chance of a wrong decision is not between 0 and 1."),
        _("Write a number such as 0.3."),
    ),
    "closed": (
        _("The dossier is closed in this state."),
        _("Give the topic back to those who assess; then it is open again."),
    ),
    "closed_vote": (_("The vote is closed."), _("A new sitting takes new votes.")),
    "conflict": (_("“{value}” is not a kind of conflict."), _ONE_OF),
    "criterion": (_("The scheme has no criterion “{value}”."), _("Leave it out.")),
    "dates": (
        _("The decision would be looked at again before it holds, or is worth less than nothing."),
        _("Write a later day of reassessment and a worth of at least zero."),
    ),
    "design": (_("“{value}” is not a design of a study."), _ONE_OF),
    "domain": (_("The dossier has no domain “{value}”."), _ONE_OF),
    "empty": (_("Something is missing."), _WRITE),
    "funded": (_("The model has no strategy “{value}”."), _ONE_OF),
    "ground": (_("The ground “{value}” is not on the list, or the words are missing."), _ONE_OF),
    "icd": (
        _("These are no codes of ICD-10: “{value}”."),
        _("Write at least one code such as C71.6."),
    ),
    "item": (_("There is no such item."), _("Items are numbered from 1 to 28.")),
    "language": (_("“{value}” is not one of the five languages."), _ONE_OF),
    "long": (_("The text has {value} characters; {most} fit."), _("Shorten it.")),
    "mark": (
        _("The mark is unknown, or “verified” without the day on which the source was read."),
        _("Write the day on which you read the source, or mark it as not verified."),
    ),
    "no_reason": (_("This criterion has no reason."), _("Write a reason for every criterion.")),
    "no_scope": (_("The question has no such version."), _("Choose a version that is there.")),
    "no_score": (_("Nobody has scored the topic."), _("Ask the experts to score it.")),
    "not_member": (
        _("{value} of these people are not in the committee of this body today."),
        _("Choose members of the committee."),
    ),
    "not_scoring": (_("The topic is not being scored."), _("Look at its state.")),
    "not_sitting": (_("No committee sits on this topic."), _("Call the committee first.")),
    "not_standing": (
        _("The clock does not stand, or would go on before it stopped."),
        _("Choose a later day."),
    ),
    "observed": (
        _("These figures are not whole: {value}"),
        _("Give the numbers of the kind; there are no more events than people."),
    ),
    "outcome": (_("This is not an outcome, or the appeal was answered."), _CORRECT),
    "published": (_("The decision is published."), _("A published text is not changed.")),
    "quorum": (
        _("The quorum is not between 1 and the number of members, {most}."),
        _CORRECT,
    ),
    "reason": (_("“{value}” is not a reason on the list."), _ONE_OF),
    "reference_day": (
        _("This value has an entry from that day already."),
        _("Choose another day; entries are never changed."),
    ),
    "reference_key": (_("“{value}” is not part of a reference case."), _ONE_OF),
    "reference_value": (
        _("The value does not have the form that its name wants."),
        _("Write one number, a range for the threshold, or rows of age and rate in order."),
    ),
    "scope_key": (_("“{value}” is not part of a question."), _("Leave it out.")),
    "score": (_("The score is not between {least} and {most}."), _CORRECT),
    "sitting": (_("The committee sits on this topic already."), _("Open that sitting.")),
    "stands": (_("The clock stands already."), _("Let it go on first.")),
    "step": (_("The process has no step “{value}” that is ended by hand."), _ONE_OF),
    "too_certain": (
        _("High certainty does not go with a high or unclear risk of bias, nor with opinion."),
        _("Say a lower certainty, or judge the risk again."),
    ),
    "too_late": (_("The time for appeals ended on {value}."), _("Ask for a reassessment.")),
    "unknown": (_("There is no process “{value}”."), _ONE_OF),
    "variant": (_("The process has no variant “{value}”."), _ONE_OF),
    "verdict": (_("“{value}” is not a decision."), _ONE_OF),
    "watched": (_("The model has no input “{value}” that could be watched."), _ONE_OF),
    "weight": (_("“{value}” is not a weight of a remark."), _ONE_OF),
}

_GATE = {
    "departure": (
        _("The committee voted otherwise, and nothing says why the decision departs from it."),
        _("Write the reason for departing from the vote."),
    ),
    "item": (
        _("Reporting item {value} is missing: {item_phrase}."),
        _("Fill it, or say that it does not apply and why."),
    ),
    "no_base": (
        _("There is no base case among the runs, or a run is not there."),
        _("Run the base case of this version, and show it to the committee."),
    ),
    "no_indication": (
        _("The indication list has no entry “{value}”."),
        _("Add the entry to the list first, or leave its code out."),
    ),
    "no_model": (_("The topic has no model."), _("Save a version of its model first.")),
    "no_seat": (_("You do not sit on this topic."), _("Only its members declare and vote.")),
    "no_words": (
        _("The decision has no plain text in {in_language}."),
        _("Write it in all five languages."),
    ),
    "not_appraised": (
        _("{value} studies of the register have no appraisal."),
        _("Judge each of them first."),
    ),
    "not_yours": (_("This remark is somebody else's."), _("Its author closes it.")),
    "other_model": (
        _("The model is not letter for letter the one that was assessed."),
        _("Let the committee assess this version, or decide on the assessed one."),
    ),
    "other_run": (
        _("A run ({value}) is not of the assessed model, or its answer is not the kept one."),
        _("Run the assessed version again, and show that run to the committee."),
    ),
    "own_decision": (
        _("Who has made a decision does not answer an appeal against it."),
        _("Let somebody else of the ministry answer."),
    ),
    "own_model": (
        _("Nobody judges a model that they have made."),
        _("Let somebody else review or vote."),
    ),
    "own_topic": (
        _("Who has submitted a topic does not score, vote or decide on it."),
        _("Let somebody else do it."),
    ),
    "placeholder": (
        _("Not assessable: the input “{value}” has no source."),
        _("Give the source, or decide for research only."),
    ),
    "quorum": (
        _("{value} members have voted; {wanted} are needed."),
        _("Wait for more votes."),
    ),
    "recused": (_("A recused member does not vote: {value}."), _("Leave the vote to others.")),
    "remarks": (
        _("{value} remarks that must be mended are open."),
        _("Answer them; their reviewers close them."),
    ),
    "undeclared": (
        _("{value} has not declared what binds them."),
        _("Ask for the declaration before the vote counts."),
    ),
    "voted": (_("The vote was given already."), _("A vote is given once.")),
}

_RECORD = {
    "digest": (
        _("The document is not the one of the record's digest."),
        _("Get the record again from the register of decisions."),
    ),
    "differs": (
        _("The number is {value}; published was {published}."),
        _("Look whether engine and libraries are those of the record."),
    ),
    "schema": (_("This is not a record of a decision."), _("Give a “{wanted}” document.")),
}

CRITERIA: dict[str, str | _StrPromise] = {
    "burden": _("Burden of the illness"),
    "alternatives": _("What else there is"),
    "clinical": _("Clinical effect"),
    "economic": _("Worth for its cost"),
    "budget": _("Effect on the budget"),
    "ethics": _("Ethical, legal and social questions"),
}
DESIGNS: dict[str, str | _StrPromise] = {
    "randomised": _("Randomised trial"),
    "cohort": _("Cohort study"),
    "case-control": _("Case-control study"),
    "before-after": _("Before and after"),
    "single-arm": _("One group without comparison"),
    "review": _("Systematic review"),
    "economic": _("Economic study or tariff"),
    "register": _("Register or statistics"),
    "expert": _("Experts' opinion"),
}
BIAS: dict[str, str | _StrPromise] = {
    "randomisation": _("How people came into their group"),
    "deviation": _("What was done otherwise than planned"),
    "missing": _("What is missing of the outcomes"),
    "measurement": _("How outcomes were measured"),
    "selection": _("Which results are reported"),
    "confounding": _("Other causes of a difference"),
    "participants": _("Who was taken into the study"),
    "classification": _("Who counts as treated"),
    "eligibility": _("Which studies were to be included"),
    "search": _("How studies were found"),
    "appraisal": _("How studies were judged"),
    "synthesis": _("How results were put together"),
    "identity": _("Whether it measures what is wanted"),
    "completeness": _("Whether everything was counted"),
    "transfer": _("Whether it holds here"),
}
RISKS: dict[str, str | _StrPromise] = {
    "low": _("low risk"),
    "some": _("some concerns"),
    "high": _("high risk"),
    "unclear": _("unclear"),
}
CERTAINTY: dict[str, str | _StrPromise] = {
    "very-low": _("very low"),
    "low": _("low"),
    "moderate": _("moderate"),
    "high": _("high"),
}

PROCESS: dict[str, str | _StrPromise] = {
    "hta.said.conflicts": _(
        "{members} members of the committee declared what binds them; {conflicts} named something, "
        "{recused} did not vote."
    ),
}
for _kind, _table in (("process", _PROCESS), ("gate", _GATE), ("record", _RECORD)):
    for _code, (_what, _remedy) in _table.items():
        PROCESS[f"hta.{_kind}.{_code}"] = _what
        PROCESS[f"hta.{_kind}.{_code}.remedy"] = _remedy
for _kind, _words in (
    ("criterion", CRITERIA),
    ("design", DESIGNS),
    ("bias", BIAS),
    ("risk", RISKS),
    ("certainty", CERTAINTY),
):
    for _code, _word in _words.items():
        PROCESS[f"hta.{_kind}.{_code}"] = _word
