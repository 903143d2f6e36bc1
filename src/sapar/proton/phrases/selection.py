"""What selection has to say: verdicts, reasons, complications, and mistakes of a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_S = "proton.selection."

_VERDICTS = {
    "indicated": _("Protons are indicated"),
    "not-indicated": _("Protons are not indicated"),
    "worth-a-plan": _("A proton plan is worth making"),
    "never-qualifies": _("No proton plan could qualify"),
    "to-be-decided": _("People have to decide"),
    "not-by-this-rule": _("Not by this rule"),
}

_ENDPOINTS = {
    "xerostomia-2": _("dry mouth, grade 2 or more"),
    "xerostomia-3": _("dry mouth, grade 3 or more"),
    "dysphagia-2": _("trouble swallowing, grade 2 or more"),
    "dysphagia-3": _("trouble swallowing, grade 3 or more"),
    "parotid-flow-left": _("saliva of the left parotid gland below a quarter"),
    "parotid-flow-right": _("saliva of the right parotid gland below a quarter"),
    "swallowing-liquids": _("trouble swallowing liquids"),
    "swallowing-soft-food": _("trouble swallowing soft food"),
    "choking": _("choking when swallowing"),
    "hypothyroidism": _("underactive thyroid"),
    "coronary-event": _("acute coronary event"),
    "pneumonitis": _("radiation pneumonitis"),
    "mortality-2-years": _("death within two years"),
    "acute-dysphagia": _("acute trouble swallowing"),
    "memory-v55": _("loss of memory, by the hippocampal volume above 55 Gy"),
    "memory-d40": _("loss of memory, by the dose to 40 % of the hippocampi"),
    "rectal-bleeding": _("rectal bleeding"),
}

_COVARIATES = {
    "treatment": _("whether the radiotherapy is primary or follows an operation"),
    "baseline_xerostomia": _("dry mouth before treatment"),
    "baseline_dysphagia": _("trouble swallowing before treatment"),
    "tumour_site": _("the site of the tumour"),
    "oro_or_nasopharynx": _("whether the tumour is in the oropharynx or nasopharynx"),
    "imrt": _("whether the dose is modulated"),
    "age": _("age"),
    "baseline_coronary_risk": _("the risk of a coronary event without radiotherapy"),
    "smoker": _("smoking"),
    "lung_disease": _("a disease of the lung before treatment"),
    "lower_lobe": _("whether the tumour is in a lower lobe"),
    "sequential_chemotherapy": _("chemotherapy before or after radiotherapy"),
    "gtv_cc": _("the volume of the tumour"),
    "treatment_days": _("the days that the treatment takes"),
    "anticoagulants": _("anticoagulants"),
}

_WORDS = {
    "primary": _("primary"),
    "post-operative": _("after an operation"),
    "none": _("none"),
    "mild": _("mild"),
    "moderate": _("moderate or severe"),
    "grade-0-1": _("grade 0 or 1"),
    "grade-2": _("grade 2"),
    "grade-3": _("grade 3 or more"),
    "oral-cavity": _("oral cavity"),
    "pharynx": _("pharynx"),
    "larynx": _("larynx"),
    "never": _("never"),
    "former": _("former"),
    "current": _("current"),
}

_SITES = {
    "oral-cavity": _("oral cavity"),
    "oropharynx": _("oropharynx"),
    "hypopharynx": _("hypopharynx"),
    "nasopharynx": _("nasopharynx"),
    "larynx": _("larynx"),
    "breast": _("breast"),
    "lung": _("lung"),
    "oesophagus": _("oesophagus"),
    "brain": _("brain"),
    "skull-base": _("skull base"),
    "prostate": _("prostate"),
    "other": _("another site"),
}

_REASONS = {
    "child": _("The patient is a child. Models of adults say nothing about children."),
    "age_unknown": _(
        "The age is not known. Models of adults decide only for people who are known to be adults."
    ),
    "too_young": _("The protocol is about people from {age} years on."),
    "no_protocol": _("No protocol with numbers is about this site: {site_phrase}."),
    "indication_list": _(
        "The programme's list of indications and the panel decide, not a difference of risks."
    ),
    "rule_not_published": _(
        "The protocol decides by criteria that are not in our data. Who can tell: {who}."
    ),
    "met_each": _(
        "Protons lower the risk by {value} percentage points; {limit} are enough:"
        " {endpoint_phrases}."
    ),
    "met_sum": _(
        "Together, protons lower the risks by {value} percentage points; {limit} are enough:"
        " {endpoint_phrases}."
    ),
    "not_met_each": _(
        "Protons lower the risk by {value} percentage points at most; {limit} are needed:"
        " {endpoint_phrases}."
    ),
    "not_met_sum": _(
        "Together, protons lower the risks by {value} percentage points; {limit} are needed:"
        " {endpoint_phrases}."
    ),
    "open": _(
        "The difference lies between {low} and {high} percentage points, for something is missing;"
        " {limit} are needed: {endpoint_phrases}."
    ),
    "never_each": _(
        "Even with no dose at all in the organs the risk would be lower by {value} percentage"
        " points at most; {limit} are needed: {endpoint_phrases}."
    ),
    "never_sum": _(
        "Even with no dose at all in the organs the risks together would be lower by {value}"
        " percentage points at most; {limit} are needed: {endpoint_phrases}."
    ),
    "possible_each": _(
        "With no dose in the organs the risk would be lower by {value} percentage points; {limit}"
        " are needed: {endpoint_phrases}."
    ),
    "possible_sum": _(
        "With no dose in the organs the risks together would be lower by {value} percentage points;"
        " {limit} are needed: {endpoint_phrases}."
    ),
    "missing_organ": _(
        "{organ} was not sent. It may have had no dose, or the largest dose of the plan."
    ),
    "partly_covered": _("A part of {organ} lies outside the dose grid; its dose is not known."),
    "volumes_unknown": _("The volumes of the parts of {organ} are not known."),
    "no_histogram": _("Only the mean dose of {organ} is known, and more is needed."),
    "no_fractions": _("The number of fractions is not known; it is needed for {organ}."),
    "missing_fact": _("Not said of the patient: {what_phrase}. Every possibility was looked at."),
    "may_not_decide": _("This may not decide here: {title}. Who can tell: {who}."),
    "did_not_count": _(
        "A threshold of {limit} percentage points is told and did not count, for it is unverified:"
        " {endpoint_phrases}. Who can tell: {who}."
    ),
    "doses_may_not_decide": _(
        "The proton doses are unverified. Who can tell: a medical physicist, from a plan."
    ),
    "points_to": _("The numbers, whatever their marks, point to: {verdict_phrase}."),
    "estimate_chance": _(
        "The chance that a plan would reach a threshold is {percent} %; below {limit} % no plan is"
        " proposed."
    ),
    "estimate_only": _("The proton doses are estimated. Only a plan can show an indication."),
    "confidence": _("In {percent} % of draws of all that is uncertain the rule says the same."),
    "confidence_not_met": _(
        "With these numbers no threshold is reached, and in {percent} % of draws of all that is"
        " uncertain none is either: because of the others a plan is proposed."
    ),
    "confidence_without_errors": _(
        "The proton plan came without its doses under errors of set-up and range: the intervals"
        " leave them out, and the difference may flatter protons."
    ),
    "no_confidence_missing": _("How sure this is cannot be stated, for something is missing."),
    "no_confidence_coefficients": _(
        "How sure this is cannot be stated: nobody published how uncertain the coefficients are:"
        " {endpoint_phrases}."
    ),
    "not_for_this_organ": _(
        "Not for this organ: protons do not spare {organ} ({proton} Gy against {photon} Gy)."
    ),
    "not_shown_for_this_organ": _(
        "That protons spare {organ} is not shown ({proton} Gy against {photon} Gy, within the"
        " error)."
    ),
    "less_in_all": _(
        "The mean dose of the whole body is lower ({proton} Gy against {photon} Gy); this is no"
        " reason by itself."
    ),
    "support_only": _("This supports the panel's decision and plans no treatment."),
}

_INPUT = {
    "covariate": (
        _("Nobody knows this fact about a patient."),
        _("Write one of: {known}; or leave it out."),
    ),
    "covariate_value": (
        _("The fact cannot have this value."),
        _("Write one of: {among}; leave it out where it is not known."),
    ),
    "not_finite": (_("This is not a finite number."), _("Write a number, or leave it out.")),
    "two_ages": (
        _("The age stands twice and differs."),
        _("Write it once, under “age”."),
    ),
    "child_or_adult": (
        _("The patient is called a child and is {value} years old."),
        _("Correct one of the two."),
    ),
    "site": (_("Nobody knows this site."), _("Write one of: {known}.")),
    "protocol": (_("Nobody knows this protocol."), _("Write one of: {known}.")),
    "other_data": (
        _("The question was made for another version of this data file."),
        _("Ask again with the present file ({wanted}), or use the file of that time."),
    ),
    "stage_source": (
        _("A plan from “{value}” does not fit the stage “{stage}”."),
        _("The stage “estimate” takes estimated doses, the later ones a plan."),
    ),
    "no_organ": (_("No structure has a dose."), _("Give at least one structure with its dose.")),
    "above_maximum": (
        _("The structure has {value} Gy, and the plan at most {most} Gy."),
        _("Correct the largest dose of the plan, or the structure."),
    ),
    "organ_name": (
        _("This is no name of TG-263."),
        _("Use letters, digits and “_”, for instance Parotid_L."),
    ),
    "organ_near": (
        _("The name is nearly that of a known structure."),
        _("Write “{wanted}”."),
    ),
    "two_names": (
        _("The histogram is of “{value}” and stands under “{name}”."),
        _("Put it under its own name."),
    ),
    "bins": (
        _("The numbers of edges and of volumes do not fit: {edges} edges."),
        _("Give one edge more than volumes."),
    ),
    "edges": (_("The edges of the histogram do not rise."), _("Sort them; none may stand twice.")),
    "no_volume": (_("The structure has no volume."), _("Leave it out: then it counts as missing.")),
    "mean_outside": (
        _("The mean dose lies outside the doses of the structure."),
        _("Compute it from the same voxels as the histogram."),
    ),
    "series": (
        _("A list of numbers is wanted here."),
        _("Write a list of 1 to {most} numbers."),
    ),
}

_DATA = {
    "too_large": (
        _("The data file has more than {most} characters."),
        _("Divide it."),
    ),
    "yaml": (
        _("The data file cannot be read: {value}."),
        _("Mend it at that place."),
    ),
}

_CHECK = {
    "verdict": (
        _("The checker finds another verdict: {wanted}."),
        _("Do not use this answer; report it with the question."),
    ),
    "number": (
        _("The checker finds another number: {wanted}."),
        _("Do not use this answer; report it with the question."),
    ),
    "shape": (
        _("The answer is not an answer to this question."),
        _("Ask again."),
    ),
}

PHRASES: dict[str, _StrPromise] = {
    **{f"{_S}verdict.{code}": text for code, text in _VERDICTS.items()},
    **{f"{_S}endpoint.{code}": text for code, text in _ENDPOINTS.items()},
    **{f"{_S}covariate.{code}": text for code, text in _COVARIATES.items()},
    **{f"{_S}word.{code}": text for code, text in _WORDS.items()},
    **{f"{_S}site.{code}": text for code, text in _SITES.items()},
    **{f"{_S}{code}": text for code, text in _REASONS.items()},
}
for _kind, _texts in (("input", _INPUT), ("data", _DATA), ("check", _CHECK)):
    for _code, (_what, _remedy) in _texts.items():
        PHRASES[f"{_S}{_kind}.{_code}"] = _what
        PHRASES[f"{_S}{_kind}.{_code}.remedy"] = _remedy
