"""Log lines as key=value for people or JSON for machines; never bodies, never tokens."""

import datetime as dt
import json
import logging.config
from typing import Any

import structlog
from django.conf import settings

from abdre.redaction import without_secrets
from abdre.seen import person

# What every record has; all else on it was given as `extra`.
_USUAL = frozenset((*logging.makeLogRecord({}).__dict__, "message", "asctime", "taskName"))
_as_pairs = structlog.processors.KeyValueRenderer(
    key_order=["timestamp", "level", "logger", "event"], drop_missing=True
)
_as_json = json.JSONEncoder(default=repr)


class Line(logging.Formatter):
    """One event as one line, with what is bound to the request it belongs to.

    Written out, since structlog's chain of processors took a fifth of what a request costs at the gateway.
    """

    def __init__(self, form: str) -> None:
        super().__init__()
        self._is_json = form == "json"

    def format(self, record: logging.LogRecord) -> str:
        event = self._event(record)
        if self._is_json:
            return _as_json.encode(event)
        return str(_as_pairs(None, "", event))

    def _event(self, record: logging.LogRecord) -> dict[str, Any]:
        event: dict[str, Any] = {
            "timestamp": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat().replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": without_secrets(record.getMessage()),
        }
        if self._is_json:  # people look at the log of one process
            event["role"] = settings.ROLE
        event |= structlog.contextvars.get_contextvars()
        if who := person():
            event["person"] = who
        # Django adds the request itself to what it logs of refusals, and that prints as its full path with the query.
        facts = record.__dict__.items()
        event |= {name: without_secrets(fact) for name, fact in facts if name not in _USUAL and name != "request"}
        if record.exc_info:
            event["exception"] = without_secrets(self.formatException(record.exc_info))
        return event


def configure(options: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: `{"format": "console"|"json", "level": …}`."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": Line, "form": options["format"]}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stderr"], "level": options["level"]},
            "loggers": {
                # The door writes one line a request; the server's own would be a second one.
                "uvicorn.access": {"level": "WARNING", "propagate": True, "handlers": []},
                "django.channels.server": {"level": "WARNING"},
            },
        }
    )
