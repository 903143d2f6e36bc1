"""The tests' own ground: the mode, the database, closed sockets."""

from __future__ import annotations

import socket

import pytest
import pytest_socket
from django.conf import settings
from django.db import connection


def test_the_mode_is_test() -> None:
    assert settings.MODE == "test"


def test_no_test_can_reach_another_machine() -> None:
    with pytest.warns(UserWarning, match="socket"), pytest.raises(pytest_socket.SocketBlockedError):
        socket.socket(socket.AF_INET)


@pytest.mark.sqlite
@pytest.mark.django_db
def test_sqlite_is_a_file_with_wal_and_foreign_keys() -> None:
    with connection.cursor() as cursor:
        found = [
            cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        ]
    assert found == ["wal", 1, 30_000]


@pytest.mark.postgresql
@pytest.mark.django_db
def test_postgresql_answers_on_a_socket() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT inet_server_addr()")
        assert cursor.fetchone() == (None,)
