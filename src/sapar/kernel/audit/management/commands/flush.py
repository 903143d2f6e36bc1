"""Django's `flush` empties all tables; the trail does not allow it outside tests."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.db import connections

from sapar.kernel.audit import guard


class Command(flush.Command):
    """As Django's, in test mode; refused anywhere else."""

    def handle(self, **options: Any) -> None:
        """Empty the tables of a test's database, between two transactional tests.

        Raises:
            CommandError: this is no test.
        """
        if settings.MODE != "test":
            message = "flush would delete the audit trail; make a new database instead"
            raise CommandError(message)
        connection = connections[options["database"]]
        if guard.TABLES[0] not in connection.introspection.table_names():
            super().handle(**options)
            return
        with guard.lifted(connection):
            super().handle(**options)
