"""Whether a port is free."""

from __future__ import annotations

import socket

from sapar.kernel.errors import RefusedError
from sapar.values.statements import Problem


def require_free(host: str, port: int) -> None:
    """Check that nothing listens there.

    Raises:
        RefusedError: the port is in use, or may not be used; the remedy names the option.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise RefusedError(Problem.of("cli.port_busy", where=host, value=port)) from error
