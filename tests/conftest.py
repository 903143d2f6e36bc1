"""The ground of all tests: the mode, the database, closed sockets."""

from __future__ import annotations

import os

os.environ["SAPAR_MODE"] = "test"
