"""What the command line and the site say to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

PHRASES: dict[str, str | _StrPromise] = {
    "cli.port_busy": _("The port {value} is in use."),
    "cli.port_busy.remedy": _(
        "Choose another with --port, for instance: sapar demo --port 8001 (or make demo PORT=8001)."
    ),
    "cli.demo_in_production": _("The demonstration cannot be loaded in production."),
    "cli.demo_in_production.remedy": _(
        "Use an installation of its own, with SAPAR_MODE=demonstration and another SAPAR_VAR."
    ),
    "cli.fresh_only_sqlite": _("Only the demonstration on SQLite can be thrown away."),
    "cli.fresh_only_sqlite.remedy": _("Make an empty database on the server yourself."),
    "cli.no_program": _("The program {value} is missing."),
    "cli.no_program.remedy": _(
        "Install the Debian package postgresql-client, in the version of the server or newer."
    ),
    "cli.program_failed": _("The program {value} ended with an error: {detail}"),
    "cli.program_failed.remedy": _("Look at the database's log and at SAPAR_DATABASE_URL."),
    "cli.archive_exists": _("The file is there already."),
    "cli.archive_exists.remedy": _("Choose another name; a backup is never overwritten."),
    "cli.archive_bad": _("This is no complete backup: {detail}"),
    "cli.archive_bad.remedy": _("Take another backup file. Nothing was changed."),
    "cli.archive_other_database": _(
        "The backup was made from {value}, and this installation uses {present}."
    ),
    "cli.archive_other_database.remedy": _(
        "Restore it into an installation with the same kind of database."
    ),
    "cli.not_empty": _("This installation already holds records."),
    "cli.not_empty.remedy": _("Add --replace if they are to be replaced by the backup."),
    "cli.audit_broken": _("After restoring, {value} chains of the audit trail do not verify."),
    "cli.audit_broken.remedy": _(
        "Check that SAPAR_AUDIT_KEYS holds the keys of the old installation, "
        "then run: sapar audit verify."
    ),
}
