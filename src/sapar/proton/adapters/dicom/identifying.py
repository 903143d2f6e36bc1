"""Words that name somebody, collected from the files themselves, and texts cleaned of them.

A name is compared by its coarse Latin spelling (`values.names.fold`), so that "Жанарова" is found
in "GTV_Zhanarova". Institutions and addresses are compared as whole phrases: their single words
("hospital") are no one's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pydicom.datadict import tag_for_keyword

from sapar.values.names import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydicom.dataset import Dataset

_PHRASES: Final = frozenset(
    tag_for_keyword(each)
    for each in """
    InstitutionName InstitutionAddress InstitutionalDepartmentName StationName PatientAddress
    PatientTelephoneNumbers RequestingService ReferringPhysicianAddress
    ReferringPhysicianTelephoneNumbers Occupation ResponsibleOrganization PatientComments
    CountryOfResidence RegionOfResidence EthnicGroup DeviceSerialNumber
    """.split()  # noqa: SIM905 - fewer quotes to read
)
_CODES: Final = frozenset(
    tag_for_keyword(each)
    for each in """
    PatientID OtherPatientIDs AccessionNumber StudyID AdmissionID IssuerOfPatientID
    PatientBirthDate MedicalRecordLocator ServiceEpisodeID
    FillerOrderNumberImagingServiceRequest PlacerOrderNumberImagingServiceRequest
    """.split()  # noqa: SIM905 - the same
)
_TEXTS: Final = frozenset("AE AS CS DA LO LT PN SH ST UC UT".split())  # noqa: SIM905 - a plain list
SHORTEST_INSIDE: Final = 5
"""Letters from which a part of a name is looked for inside a longer word."""
SHORTEST_CODE: Final = 4
SHORTEST_PHRASE: Final = 4
_WORD: Final = re.compile(r"[^\W\d_]+")
_CAMEL: Final = re.compile(r"(?<=[^\W\d_A-ZА-Я])(?=[A-ZА-Я])")


@dataclass(slots=True)
class Identifying:
    """What names the people of a set of files.

    Attributes:
        names: folded parts of names of persons.
        codes: numbers and ids, in lower case.
        phrases: institutions, addresses, telephone numbers, folded and run together.
    """

    names: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    phrases: set[str] = field(default_factory=set)

    def learn(self, dataset: Dataset) -> None:
        """Take up every name, id and phrase of a data set, at any depth."""
        for tag in list(dataset.keys()):
            try:
                element = dataset[tag]
            except Exception:  # noqa: BLE001, S112 - what is broken names nobody
                continue
            if element.VR == "SQ":
                for item in element.value or ():
                    self.learn(item)
            elif element.VR in _TEXTS:
                values = element.value if element.VM > 1 else [element.value]
                for value in values:
                    text = str(value or "").strip()
                    if text:
                        self._take(int(tag), str(element.VR), text)

    def know(self, names: Iterable[str]) -> None:
        """Take up names that somebody else knows, in any writing."""
        for name in names:
            self.names.update(part for part in fold(name) if len(part) > 1)

    def _take(self, tag: int, vr: str, text: str) -> None:
        if vr == "PN":
            parts = [
                part for part in fold(text.replace("^", " ").replace("=", " ")) if len(part) > 1
            ]
            self.names.update(parts)
        elif tag in _CODES and len(text) >= SHORTEST_CODE:
            self.codes.add(text.lower())
        elif tag in _PHRASES:
            run = "".join(fold(text))
            if len(run) >= SHORTEST_PHRASE:
                self.phrases.add(run)
            digits = re.sub(r"\D", "", text)
            if len(digits) >= 6:
                self.codes.add(digits)

    def _names_somebody(self, word: str) -> bool:
        """Whether a word is a part of a name, alone or grown together with others."""
        run = "".join(fold(word))
        if run in self.names:
            return True
        return any(len(name) >= SHORTEST_INSIDE and name in run for name in self.names)

    def found_in(self, text: str) -> bool:
        """Whether a text holds a code or a phrase: then none of it is kept."""
        low, run = text.lower(), "".join(fold(text))
        bare = re.sub(r"[\s_.\-]", "", low)
        if any(code in low or code in bare for code in self.codes):
            return True
        return any(phrase in run for phrase in self.phrases)

    def clean(self, text: str) -> str:
        """The text without what names somebody; separators that stood beside it go too."""
        if self.found_in(text):
            return ""
        kept = text
        for found in reversed(list(_WORD.finditer(text))):
            words = _CAMEL.split(found.group())
            left = [word for word in words if not self._names_somebody(word)]
            if self._names_somebody(found.group()) and len(left) == len(words):
                left = []
            if len(left) < len(words):
                kept = kept[: found.start()] + "".join(left) + kept[found.end() :]
        if kept != text:
            kept = re.sub(r"([\s_.,;:^-])[\s_.,;:^-]+", r"\1", kept).strip(" _.,;:^-")
        return kept
