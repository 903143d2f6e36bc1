"""What the queue says to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

PHRASES: dict[str, str | _StrPromise] = {
    "jobs.unknown": _("There is no job {value}, or you may not see it."),
    "jobs.unknown.remedy": _("Look at the list of jobs for its number."),
    "jobs.has_ended": _("The job {value} has already ended."),
    "jobs.has_ended.remedy": _("There is nothing to cancel."),
    "jobs.not_failed": _("The job {value} has not failed."),
    "jobs.not_failed.remedy": _("Only a failed or cancelled job can be tried again."),
}
