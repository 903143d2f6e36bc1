"""The triggers that refuse UPDATE, DELETE and TRUNCATE on the trail, on both databases.

They stop mistakes and ordinary credentials. Whoever owns the database can drop them; then the
keyed chain tells what was done.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("audit_auditevent", "audit_auditread")
MESSAGE = "the audit trail is append-only"

_FUNCTION = f"""
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def _statements(vendor: str) -> tuple[list[str], list[str]]:
    """What creates the triggers, and what drops them."""
    create: list[str] = []
    drop: list[str] = []
    if vendor == "postgresql":
        create.append(_FUNCTION)
        for table in TABLES:
            drop.append(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")
            drop.append(f"DROP TRIGGER IF EXISTS {table}_not_truncated ON {table}")
            create.append(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
            )
            create.append(
                f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
            )
        drop.append("DROP FUNCTION IF EXISTS audit_refuse()")
        return create, drop
    for table in TABLES:
        for verb in ("update", "delete"):
            drop.append(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
            create.append(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )
    return create, drop


def lock(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers; they must not be there yet."""
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor)[0]:
            cursor.execute(statement)


def lift(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers."""
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor)[1]:
            cursor.execute(statement)


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Without the triggers, for a test's own database only; `flush` below and tampering tests."""
    lift(connection)
    try:
        yield
    finally:
        lock(connection)
