"""What is left of a course when a person is erased: minutes of rooms, and nobody's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.proton.models import Approval, Course

if TYPE_CHECKING:
    from uuid import UUID


def erase_person(person: UUID) -> None:
    """Remove age and origin from a person's courses, inside the running `people.erase`.

    The fractions stay: they say when rooms were used, and the console's record of what was given
    belongs to the treatment's documentation.
    """
    courses = Course.objects.filter(case__person_id=person)
    Approval.objects.filter(course__in=courses).exclude(reason="").update(reason="-")
    courses.update(age=None, country="", asked={}, deadline=None)
