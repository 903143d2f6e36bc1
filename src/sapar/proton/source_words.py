"""What the data files of selection and outcomes say of their sources, for the catalogues.

The files are English and their text goes into the record of an answer; pages, reports and the
command show it in the reader's language. A test holds this list and the files together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext, gettext_noop

from sapar.kernel.languages import formats, phrases
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping

TITLES = (
    gettext_noop("Own phantoms against automatic plans of pyRadPlan 0.5.0"),
    gettext_noop("Default look-up table of pyRadPlan 0.5.0 (that of matRad); of no real scanner"),
    gettext_noop("Phantoms of Sapar: their Hounsfield units are made for this curve"),
    gettext_noop(
        "Phantom TG119 in the wheel of pyRadPlan 0.5.0, with the table that it comes with"
    ),
    gettext_noop("DICOM PS3.15 Annex E, Table E.1-1 (as extracted in innolitics/dicom-standard)"),
    gettext_noop(
        'Public port (Julia) of the spreadsheet "version 3.0" used at the Center for '
        "Proton Therapy of PSI, which cites Radiother Oncol 2011, doi "
        "10.1016/j.radonc.2011.05.010"
    ),
    gettext_noop(
        "Parotid flow below 25 % at 1 year, 222 patients: LKB n 1, TD50 39.9 Gy, m 0.40"
        " (PubMed 20056347); table of Radiat Oncol 2016, s13014-016-0650-6"
    ),
    gettext_noop(
        "Radiation pneumonitis, 382 patients: LKB n 1, TD50 30.8 Gy, m 0.37 (PubMed 12573760)"
    ),
    gettext_noop(
        "Major coronary events, relative risk 1 + 0.074 for each Gy of mean heart dose "
        "(95 % interval 0.029 to 0.145), Darby 2013"
    ),
    gettext_noop(
        "Swallowing problems at 6 months (QLQ-H&N35), Christianen 2012, as printed in "
        "PMC5915347 table 1"
    ),
    gettext_noop("Rectal bleeding (Schaake) as coded in a public fork of matRad"),
    gettext_noop(
        "Hippocampal V55 of 0, 25, 50 % and memory impairment of 14.9, 45.9, 80.6 % "
        "(Adv Radiat Oncol, S2452-1094(17)30180-X)"
    ),
    gettext_noop("Impairment of memory by EQD2 to 40 % of both hippocampi: TD50 14.88 Gy, m 0.54"),
    gettext_noop(
        "Radiation pneumonitis, QUANTEC: logit −3.87 + 0.126 for each Gy of mean lung dose"
    ),
    gettext_noop(
        "Lung models of the Dutch protocol (pneumonitis, 2-year mortality, acute dysphagia)"
    ),
    gettext_noop("Hypothyroidism (Boomsma): 0.011 + 0.062 for each Gy − 0.19 for each cm³"),
    gettext_noop(
        "Our own: Fisher information of a cohort of the effective size with which "
        "sampled coefficients alone leave the published agreement of about 70 % "
        "(repub.eur.nl/pub/101704), on the doses of a made cohort"
    ),
    gettext_noop("Our own: Fisher information of a cohort of the published size on stated doses"),
    gettext_noop(
        "Set-up 3 mm and range 3.5 % by the task of the programme; limits of coverage "
        "as commonly used, not read again"
    ),
    gettext_noop("Common practice; not read from a source"),
    gettext_noop(
        "Objectives that the phantom TG119 of pyRadPlan 0.5.0 comes with, the same for "
        "photons and protons; two lateral fields"
    ),
    gettext_noop(
        "Dutch national indication protocol, head and neck: thresholds as in the "
        "abstract of Tambas on preselection, and its figure in PMC8270079"
    ),
    gettext_noop(
        "Dutch national indication protocol, head and neck: sum over the two grade 3 complications"
    ),
    gettext_noop(
        "Dutch national indication protocol, breast: 2 points absolute of acute "
        "coronary events by Darby on the mean heart dose (campus-iba.com/node/570)"
    ),
    gettext_noop(
        "Low-grade glioma in the Netherlands: chosen by prognosis and dose to the "
        "brain, not by a difference of complications (repub.eur.nl/pub/132585)"
    ),
    gettext_noop(
        "HL7 CodeX Radiation Therapy, value set AdverseEventTermVS (CTCAE 5.0, NCI Thesaurus codes)"
    ),
    gettext_noop("Own wording of the names in Kazakh"),
    gettext_noop("Own mapping of endpoints of models to CTCAE terms and grades"),
    gettext_noop(
        "Own wording in the manner of PRO-CTCAE (NCI): 0 to 4, seven days, frequency, "
        "severity, interference"
    ),
    gettext_noop(
        "Own wording for children from 8 to 17, no translation of the paediatric PRO-CTCAE "
        "(NCI): 0 to 4, seven days"
    ),
    gettext_noop(
        "Own rule: the worst severity decides, rare and harmless lowers it, "
        "interference sets a floor"
    ),
    gettext_noop("ASTRO Minimum Data Elements (Hayman 2019), as the ASTRO summary names them"),
    gettext_noop("General knowledge of synoptic treatment summaries; not read again"),
    gettext_noop(
        "Pediatric Proton/Photon Consortium Registry: patients under 22 years, annual follow-up"
    ),
    gettext_noop("General knowledge of paediatric late-effects follow-up; not read again"),
    gettext_noop("Names in the manner of AAPM TG-263; this selection was made from memory"),
    gettext_noop("Own grouping by chapters of ICD-10"),
    gettext_noop(
        "Occasions of the programme: before, at the end, after 3, 6 and 12 months, then each year"
    ),
    gettext_noop("Own default of how long a form stays open"),
)
"""Papers, protocols and habits that figures were taken from."""
NOTES = (
    gettext_noop(
        "Read from a port, not from the protocol: that it equals NIPP version 2.2 is "
        "not known. A worked patient comes out to the digits that we have of it."
    ),
    gettext_noop(
        "Abstract and table read; the table of another paper is reproduced within 0.5 "
        "points. Not read again by the centre."
    ),
    gettext_noop("Abstract read; not read again by the centre."),
    gettext_noop(
        "Read in a copy of the paper; not read again by the centre. The baseline risk "
        "is an input and has to be of the patient."
    ),
    gettext_noop("Read in a table of a later paper; not read again by the centre."),
    gettext_noop("Read from code, not from the paper."),
    gettext_noop(
        "Our line through three published points; which hippocampus is meant was not read."
    ),
    gettext_noop("Known in general and not read."),
    gettext_noop("Standard errors are not published where we could read them."),
    gettext_noop(
        "Standard errors are not published where we could read them; the doses of the "
        "cohort are our assumption."
    ),
    gettext_noop(
        "Abstract and figure read, not the protocol. A centre adopts it by its own "
        "decision and then marks it."
    ),
    gettext_noop("A report read, not the protocol."),
    gettext_noop("Abstract read; the criteria themselves were not."),
)
"""How far they were read."""
WHO = (
    gettext_noop("Medical physicist of the centre"),
    gettext_noop("Medical physicist of the centre and of the sender"),
    gettext_noop("the current edition of PS3.15, dicom.nema.org"),
    gettext_noop("The Dutch national platform for proton therapy; the physicists of the centre"),
    gettext_noop("The physicists of the centre"),
    gettext_noop("The cardio-oncologist and the physicists of the centre"),
    gettext_noop("The neuro-oncologists of the centre"),
    gettext_noop("The Dutch national platform for proton therapy"),
    gettext_noop("The authors of the models"),
    gettext_noop("The centre's radiation oncologists"),
    gettext_noop("The centre's physicists and radiation oncologists"),
    gettext_noop("The centre's paediatric oncologists"),
    gettext_noop("The centre's physicists"),
)
"""Whom to ask."""
_KNOWN = frozenset((*TITLES, *NOTES, *WHO))


def shown(text: str) -> str:
    """A title, note or name of a source in the active language; another text as it is."""
    return gettext(text) if text in _KNOWN else text


def said(code: str, params: Mapping[str, Any]) -> str:
    """A sentence of an answer, which may name a source.

    Raises:
        MissingPhraseError: no room registered the code.
    """
    words = {name: _read(of) if isinstance(of, str) else of for name, of in params.items()}
    return phrases.text(Statement(code, words))


def _read(text: str) -> str:
    """A source in the active language, a figure with its decimal sign: here `value` is one."""
    return formats.figure(text) if phrases.is_figure(text) else shown(text)
