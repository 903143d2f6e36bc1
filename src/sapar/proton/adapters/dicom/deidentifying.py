"""One data set de-identified in place: only what the rules list stays, and only in a clean form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag
from pydicom.uid import UID

from sapar.proton.adapters.dicom.uids import uid

if TYPE_CHECKING:
    from sapar.proton.adapters.dicom.deidentifying_rules import Rules
    from sapar.proton.adapters.dicom.identifying import Identifying
    from sapar.proton.adapters.sealing import OwnerKey

_NUMBERS: Final = re.compile(rb"[-+0-9.eE \\\x00]*")
_LOOKS_PRIVATE: Final = re.compile(
    r"\d{7,}|@|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}"
)
"""Telephone numbers, long numbers, addresses of mail and dates within a text."""
_AGE: Final = re.compile(r"\d{3}[DWMY]")
OLDEST: Final = "090Y"
"""From this age on, people are so few that the age names them: our choice."""
_CHARACTER_SET: Final = Tag("SpecificCharacterSet")
_PIXELS: Final = Tag("PixelData")
_NEVER_EMPTY: Final = {"StructureSetLabel": "STRUCTURES", "RTPlanLabel": "PLAN"}
_STAY_EMPTY: Final = frozenset({"StudyDate", "StructureSetDate", "RTPlanDate", "PatientSex"})
"""Attributes of type 2: without a value they stay, empty."""
DEEPEST: Final = 32
SHORTEST_NUMBER: Final = 6
VERSION: Final = "SAPAR"


@dataclass(frozen=True, slots=True)
class Options:
    """Options of the profile.

    Attributes:
        shift_dates: move dates back by days of the patient's own; else they are removed.
        characteristics: keep sex and age (90 and over as 90).
        names: of the patient as the owner's records write them, which the files may not know.
    """

    shift_dates: bool = True
    characteristics: bool = True
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Of whom a data set is, and what stands for them.

    Attributes:
        identity: what the pseudonym is made of: the patient ID, or name and date of birth.
        pseudonym: sixteen letters and digits.
        days: by how many days the dates go back.
    """

    identity: str
    pseudonym: str
    days: int


def person_of(dataset: Dataset, key: OwnerKey) -> Person:
    """Of whom a data set is."""
    told = str(dataset.get("PatientID", "") or "").strip().casefold()
    name = str(dataset.get("PatientName", "") or "").casefold()
    identity = told or f"{name}/{dataset.get('PatientBirthDate', '')}"
    return Person(identity, key.pseudonym(identity), key.days(identity))


def _values(element: DataElement) -> list[str]:
    found = element.value if element.VM > 1 else [element.value]
    return [str(each) for each in found if each is not None]


def _shifted(text: str, days: int) -> str:
    """A date (YYYYMMDD) moved back; "" for anything else."""
    try:
        moved = date.fromisoformat(text.strip()) - timedelta(days=days)
    except (ValueError, OverflowError):
        return ""
    return f"{moved:%Y%m%d}" if moved.year >= 1000 else ""


@dataclass(frozen=True, slots=True)
class Cleaner:
    """De-identifies the data sets of one set of files.

    Attributes:
        rules: of the table.
        key: of the owner.
        identifying: words that name somebody, of all files.
        options: of the profile.
    """

    rules: Rules
    key: OwnerKey
    identifying: Identifying
    options: Options

    def clean(self, dataset: Dataset, person: Person) -> None:
        """De-identify a data set in place, its sequences with it."""
        if self.options.characteristics:
            _say_age(dataset)
        self._clean(dataset, person, 0)
        dataset.SpecificCharacterSet = "ISO_IR 192"
        dataset.PatientIdentityRemoved = "YES"
        words = ["basic", "descriptors"]
        words += ["dates"] if self.options.shift_dates else []
        words += ["characteristics"] if self.options.characteristics else []
        dataset.DeidentificationMethod = "PS3.15 Annex E, keep list; Sapar"
        dataset.DeidentificationMethodCodeSequence = Sequence(map(self._code, words))
        dataset.LongitudinalTemporalInformationModified = (
            "MODIFIED" if self.options.shift_dates else "REMOVED"
        )
        dataset.preamble = b"\0" * 128
        dataset.file_meta = self._meta(dataset)

    def _code(self, word: str) -> Dataset:
        item = Dataset()
        item.CodeValue, item.CodeMeaning = self.rules.methods[word]
        item.CodingSchemeDesignator = "DCM"
        return item

    def _meta(self, dataset: Dataset) -> FileMetaDataset:
        """File meta information made anew: nothing of the sender's stays."""
        old = getattr(dataset, "file_meta", FileMetaDataset())
        made = FileMetaDataset()
        made.FileMetaInformationVersion = b"\x00\x01"
        made.MediaStorageSOPClassUID = dataset.SOPClassUID
        made.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        made.TransferSyntaxUID = UID(str(old.get("TransferSyntaxUID", "1.2.840.10008.1.2")))
        made.ImplementationClassUID = UID(uid("implementation"))
        made.ImplementationVersionName = VERSION
        return made

    def _clean(self, dataset: Dataset, person: Person, depth: int) -> None:
        for tag in list(dataset.keys()):
            if tag == _CHARACTER_SET:
                continue
            does = "" if tag.is_private else self.rules.does.get(int(tag), "")
            if not does or not _as_in_dictionary(dataset, tag) or depth > DEEPEST:
                del dataset[tag]
            elif does == "sequence":
                for item in dataset[tag].value or ():
                    self._clean(item, person, depth + 1)
            elif does == "number":
                self._number(dataset, tag)
            else:
                self._value(dataset, tag, does, person)
        if _CHARACTER_SET in dataset:  # what is kept was decoded above, and is written anew
            del dataset[_CHARACTER_SET]

    def _number(self, dataset: Dataset, tag: BaseTag) -> None:
        """Keep a number as its bytes stand, if they are numbers and no one's."""
        if tag == _PIXELS:
            _without_surplus(dataset)
            return
        raw: RawDataElement | DataElement = dataset.get_item(tag)
        if dictionary_VR(tag) not in {"DS", "IS"}:
            return
        value = raw.value if isinstance(raw, RawDataElement) else str(raw.value).encode()
        text = bytes(value or b"")
        alone = text.strip(b" \0").decode("ascii", "replace")
        if not _NUMBERS.fullmatch(text) or self._is_a_code(alone):
            del dataset[tag]

    def _is_a_code(self, text: str) -> bool:
        """Whether a number is somebody's id or date of birth; short ones are any number."""
        return len(text) >= SHORTEST_NUMBER and text in self.identifying.codes

    def _value(self, dataset: Dataset, tag: BaseTag, does: str, person: Person) -> None:
        element = dataset[tag]
        values = _values(element)
        keyword = keyword_for_tag(tag)
        new = self._new(keyword, does, values, person)
        if does == "text" and not any(new):
            number = str(dataset.get("ROINumber", "") or "")
            own = f"ROI_{'' if self._is_a_code(number) else number}".rstrip("_")
            new = [own if keyword == "ROIName" else _NEVER_EMPTY.get(keyword, "")]
        if any(new) or does in {"empty", "time", "text", "term"} or keyword in _STAY_EMPTY:
            kept: Any = new if len(new) > 1 else (new[0] if new else "")
            dataset[tag] = DataElement(tag, element.VR, kept)
        else:
            del dataset[tag]

    def _new(self, keyword: str, does: str, values: list[str], person: Person) -> list[str]:
        """The values that stand in place of an attribute's."""
        if does == "pseudonym":
            name = f"Sapar^{person.pseudonym}"
            return [name if keyword == "PatientName" else person.pseudonym]
        if does == "date" and self.options.shift_dates:
            return [_shifted(v, person.days) for v in values]
        if does == "characteristic" and self.options.characteristics:
            return _characteristic(keyword, values)
        if does in {"uid", "text"}:
            change = self._uid if does == "uid" else self._text
            return [change(each) for each in values]
        return self._among(does, values)

    def _among(self, does: str, values: list[str]) -> list[str]:
        """The values that the standard itself knows: terms, and classes of objects."""
        if does == "class":
            return [v for v in values if _of_the_standard(v)]
        if does == "term":
            known = [v if v in self.rules.terms else "OTHER" for v in values]
            return known if len(values) > 1 else [v for v in known if v != "OTHER"]
        return []

    def _text(self, value: str) -> str:
        """A text without what names somebody."""
        return "" if _LOOKS_PRIVATE.search(value) else self.identifying.clean(value)

    def _uid(self, old: str) -> str:
        """A UID that stands for another; those of the standard itself stay."""
        if _of_the_standard(old):
            return old
        return self.key.uid(old.strip())


def _characteristic(keyword: str, values: list[str]) -> list[str]:
    """Sex or age, in the standard's own form; the oldest are not told apart."""
    if keyword == "PatientSex":
        return [v for v in values if v in {"M", "F", "O"}]
    return [OLDEST if v.endswith("Y") and v > OLDEST else v for v in values if _AGE.fullmatch(v)]


def _of_the_standard(uid: str) -> bool:
    """Whether a UID is one that the standard registers: it names a class or a syntax, nobody."""
    return bool(UID(uid).name != uid)


def _as_in_dictionary(dataset: Dataset, tag: BaseTag) -> bool:
    """Whether an attribute is encoded as the standard says; another encoding hides something."""
    said: str | None = dataset.get_item(tag).VR
    try:
        meant = dictionary_VR(tag)
    except KeyError:
        return False
    return said is None or said in meant.split(" or ")


def _say_age(dataset: Dataset) -> None:
    """The age at the study, where only the date of birth tells it (PS3.15 E.1.1, step 3, note)."""
    if str(dataset.get("PatientAge", "") or ""):
        return
    born, studied = dataset.get("PatientBirthDate", ""), dataset.get("StudyDate", "")
    try:
        birth = date.fromisoformat(str(born).strip())
        day = date.fromisoformat(str(studied).strip())
    except ValueError:
        return
    years = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
    if 0 <= years < 130:
        dataset.PatientAge = f"{years:03d}Y"


def _without_surplus(dataset: Dataset) -> None:
    """Pixels without bytes behind the last of them; compressed ones stay as they are."""
    raw: RawDataElement | DataElement = dataset.get_item(_PIXELS)
    value = raw.value
    if not isinstance(value, bytes) or getattr(raw, "length", 0) == 0xFFFFFFFF:
        return
    try:
        size = int(dataset.Rows) * int(dataset.Columns) * int(dataset.BitsAllocated) // 8
        size *= int(dataset.get("SamplesPerPixel", 1) or 1)
        size *= int(dataset.get("NumberOfFrames", 1) or 1)
    except (AttributeError, TypeError, ValueError):
        return
    if len(value) > size + size % 2:
        vr = "OW" if dataset.BitsAllocated > 8 else "OB"
        dataset[_PIXELS] = DataElement(_PIXELS, vr, value[:size] + b"\0" * (size % 2))
