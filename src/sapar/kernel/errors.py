"""Errors a user can mend: each names what, where, the value and the remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable


class SaparError(Exception):
    """Base of all errors that are shown to users.

    Attributes:
        problems: at least one; pages and the command line print them in the user's language.
        exit_code: what the command line returns (docs/cli lists them).
        http_status: what a page or the API returns.
    """

    exit_code = 1
    http_status = 400

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        """Keep the problems; a single one may be given as it is."""
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("; ".join(f"{p.code} at {p.where}" for p in self.problems))


class InvalidInputError(SaparError):
    """The input itself is wrong; nothing of it was kept, nothing else was lost."""

    exit_code = 3
    http_status = 422


class NotAllowedError(SaparError):
    """The policy does not let this actor do this to this object."""

    exit_code = 4
    http_status = 403


class NotFoundError(SaparError):
    """There is no such record, or the actor may not know of it."""

    exit_code = 5
    http_status = 404


class StaleVersionError(SaparError):
    """Somebody else changed the record first; nothing was overwritten."""

    exit_code = 6
    http_status = 409


class IllegalTransitionError(SaparError):
    """The track does not allow this step from its present state."""

    exit_code = 7
    http_status = 409


class RefusedError(SaparError):
    """A rule of the house forbids it (a quota is used up, a place is taken)."""

    exit_code = 8
    http_status = 409


class ConfigurationError(SaparError):
    """The installation lacks something; the remedy names the setting."""

    exit_code = 9
    http_status = 500
