"""Whether a study can be the patient's: birth date, age and sex, as its files and our record say.

Nothing here forbids a study: a record may be wrong as well as a file. What does not fit is told, in
years and words; birth dates themselves are neither told nor kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sapar.proton.adapters.intake import headers
from sapar.values import dates
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from sapar.people.queries import PersonView

OTHER_BIRTH: Final = "proton.study.other_birth"
OTHER_AGE: Final = "proton.study.other_age"
OTHER_SEX: Final = "proton.study.other_sex"
DOUBTS: Final = (OTHER_BIRTH, OTHER_AGE, OTHER_SEX)
"""The codes that ask whose a study is."""
LOOKED_AT: Final = 50
"""Files of a study that are held against the record."""
SEXES: Final = {"M": "male", "F": "female"}
"""PatientSex (DICOM PS3.3 C.7.1.1) as our record says it; O and nothing are against nobody."""
IN_A_YEAR: Final = {"D": 365, "W": 52, "M": 12, "Y": 1}
"""Units of an age string (DICOM PS3.5 6.2, AS)."""
ROUNDED: Final = 1
"""Years by which an age may be off: it is rounded, or of another day of the same treatment."""


def doubts(files: Path, names: Mapping[str, str], person: PersonView, today: date) -> list[Problem]:
    """What the files say of their patient that our record contradicts; each kind once.

    Args:
        files: the folder of a study's files, each under its SHA-256.
        names: by SHA-256: the name that the sender gave.
        person: of the case.
        today: where the files do not say of which day they are.
    """
    found: dict[str, Problem] = {}
    for path in sorted(files.iterdir())[:LOOKED_AT] if files.is_dir() else ():
        try:
            said = headers.read_header(path).said
        except headers.NotDicomError:
            continue
        for code, params in _against(said, person, today):
            problem = Problem.of(code, where=names.get(path.name, ""), fatal=False, **params)
            found.setdefault(code, problem)
    return [found[code] for code in DOUBTS if code in found]


def age_against(sent: int | None, known: int | None) -> list[Problem]:
    """The age by the files against one that somebody says, where they contradict each other."""
    if sent is None or known is None or abs(sent - known) <= ROUNDED:
        return []
    return [Problem.of(OTHER_AGE, fatal=False, sent=sent, known=known)]


def _against(
    said: Mapping[str, str], person: PersonView, today: date
) -> Iterator[tuple[str, dict[str, str | int]]]:
    sent = dates.parse(said["birth_date"])[0]
    birth = person.birth
    if birth is not None:
        if sent is not None and not birth.agrees(sent):
            yield OTHER_BIRTH, {}
        ages = _ages(said, sent, birth, today)
        if ages is not None:
            yield OTHER_AGE, {"sent": ages[0], "known": ages[1]}
    sex = SEXES.get(said["sex"].upper(), "")
    if sex and person.gender in SEXES.values() and sex != person.gender:
        phrase = "proton.study.sex."
        yield OTHER_SEX, {"sent_phrase": phrase + sex, "known_phrase": phrase + person.gender}


def _ages(
    said: Mapping[str, str], sent: dates.PartialDate | None, birth: dates.PartialDate, today: date
) -> tuple[int, int] | None:
    """The ages by the files and by the record in whole years, where they contradict each other.

    Of files without a day of their own, or with days that were moved to hide their patient, only an
    age that the patient has not reached yet is a contradiction.
    """
    studied = dates.parse(said["study_date"])[0]
    day = studied.whole if studied is not None else None
    moved = day is None or day > today or said["deidentified"].upper() == "YES"
    on = today if moved or day is None else day
    whole = sent.whole if sent is not None else None
    years = dates.age(whole, on) if whole is not None else years_of(said["age"])
    if years is None or not 0 <= years <= dates.OLDEST_YEARS:
        return None
    least, most = (max(0, dates.age(born, on)) for born in (birth.latest, birth.earliest))
    if years > most + ROUNDED:
        return years, most
    if years < least - ROUNDED and not moved:
        return years, least
    return None


def years_of(text: str) -> int | None:
    """Whole years of an age string such as 047Y or 018M; None for anything else."""
    number, unit = text[:-1], text[-1:].upper()
    if len(text) != 4 or not (number.isascii() and number.isdecimal()) or unit not in IN_A_YEAR:
        return None
    return int(number) // IN_A_YEAR[unit]
