"""Uploads go to a temporary file as they arrive, and stop at the limit."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from sapar.kernel.documents.storing import LIMIT

ANONYMOUS_LIMIT = 20 * 1024**2
"""Bytes from somebody who is not signed in: a licence document, no more."""
OVERHEAD = 1024**2
"""The form's other fields and the boundaries."""


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Django's own, with a limit for the whole request before a byte of it is kept."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # noqa: N803 - Django's name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Refuse what is announced as too large.

        Raises:
            RequestDataTooBig: answered with status 413.
        """
        user = getattr(self.request, "user", None)
        known = user is not None and user.is_authenticated
        if content_length > (LIMIT if known else ANONYMOUS_LIMIT) + OVERHEAD:
            message = f"{content_length} bytes are more than this form takes"
            raise RequestDataTooBig(message)
