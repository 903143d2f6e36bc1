"""Structured logs. What is not on the list is dropped, so no patient's data reaches a log.

One line of JSON for each event (SAPAR_LOG_FORMAT=text prints it for people). Our own code logs
an event's name with keys; libraries log through Python's logging, of which only the message's
template is kept, never what was filled into it, and of an exception only where it arose.
"""

from __future__ import annotations

import re
import sys
import traceback
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "logger", "request_id", "process",
        "method", "view", "status", "seconds", "queries", "user_id", "organisation_id",
        "job", "job_id", "attempt", "outcome", "reason", "worker", "count", "exception",
        "exit_code", "table", "migration", "bytes", "sha256",
    }
)  # fmt: skip
"""Every key that may appear in a log. Adding one is a decision about privacy: none may ever hold
a name, an identifier of a person, clinical content, an address of a page with a query, or free
text that a user wrote."""

PLAIN = re.compile(r"[\w .,:;@/()\[\]<>=+*'#%{}!?&-]{0,300}", re.ASCII)
FORMATTED = ("gunicorn.error",)
"""Loggers whose filled-in message holds process ids and our own address only."""
ABOUT_A_REQUEST = ("Error handling request", "Invalid request")
"""But these messages of theirs quote the request's line: its path and query, filled in or not."""

request_id: ContextVar[str] = ContextVar("sapar_request_id", default="")


def only_allowed(_logger: WrappedLogger, _method: str, event_dict: EventDict) -> EventDict:
    """Drop what is not on the list; of what is, keep plain short values."""
    kept: EventDict = {}
    for key, value in event_dict.items():
        if key.startswith("_"):
            kept[key] = value
        elif key in ALLOWED:
            kept[key] = value if isinstance(value, int | float | bool | None) else _plain(value)
    return kept


def _plain(value: object) -> str:
    text = str(value)
    return text if PLAIN.fullmatch(text) else "(left out)"


def add_request(_logger: WrappedLogger, _method: str, event_dict: EventDict) -> EventDict:
    """Name the request that the event belongs to."""
    if request_id.get():
        event_dict["request_id"] = request_id.get()
    return event_dict


def where_it_arose(_logger: WrappedLogger, _method: str, event_dict: EventDict) -> EventDict:
    """Turn an exception into its class and place; its message may hold anything."""
    info = event_dict.pop("exc_info", None)
    record = event_dict.get("_record")
    if info is None and record is not None:
        info = record.exc_info
        record.exc_info = record.exc_text = None
    if info is True:
        info = sys.exc_info()
    elif isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[0] is not None:
        kind, _error, trace = info
        frames = traceback.extract_tb(trace)[-3:]
        places = " < ".join(
            f"{f.filename.rpartition('/')[2]}:{f.lineno} {f.name}" for f in reversed(frames)
        )
        event_dict["exception"] = f"{kind.__module__}.{kind.__qualname__} in {places}"
    return event_dict


def template_only(_logger: WrappedLogger, _method: str, event_dict: EventDict) -> EventDict:
    """Keep a library's message as it was before it was filled in."""
    record = event_dict.get("_record")
    if record is None:
        return event_dict
    if record.name not in FORMATTED:
        event_dict["event"] = record.msg if isinstance(record.msg, str) else type(record.msg)
    for beginning in ABOUT_A_REQUEST:
        if str(record.msg).startswith(beginning):
            event_dict["event"] = beginning
    return event_dict


SHARED: list[Any] = [
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    add_request,
    where_it_arose,
]


def configure(kind: str, level: str) -> dict[str, Any]:
    """Set structlog up, and return what Django's LOGGING shall be.

    Args:
        kind: "json" or "text".
        level: the lowest level that is printed.
    """
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            only_allowed,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if kind == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*SHARED, template_only],
                "processors": [
                    only_allowed,
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    renderer,
                ],
            }
        },
        "handlers": {"stream": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stream"], "level": level},
        "loggers": {
            name: {"handlers": ["stream"], "level": level, "propagate": False}
            for name in ("django", "gunicorn.error", "sapar")
        },
    }
