"""Log lines as key=value for people or JSON for machines; never bodies, never tokens."""

import datetime as dt
import json
import logging.config
import re
from typing import Any

import structlog

# A token is a key to a chat or an account; it stands in a path, so it is cut from every line. Encoded: the way back
# in the login's own address.
_TOKEN_IN_PATH = re.compile(
    r"((?:/|%2F)(?:join|hooks|device|recover|verify|(?<!/api/auth/password/)reset)(?:/|%2F))[^/\s?&\"']+", re.IGNORECASE
)
# What every record has; all else on it was given as `extra`.
_USUAL = frozenset((*logging.makeLogRecord({}).__dict__, "message", "asctime", "taskName"))
_as_pairs = structlog.processors.KeyValueRenderer(
    key_order=["timestamp", "level", "logger", "event"], drop_missing=True
)
_as_json = json.JSONEncoder(default=repr)


def without_tokens(text: str) -> str:
    return _TOKEN_IN_PATH.sub(r"\1***", text)


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
            "event": record.getMessage(),
            **structlog.contextvars.get_contextvars(),
        }
        event |= {name: value for name, value in record.__dict__.items() if name not in _USUAL}
        # Django adds the request itself to what it logs of refusals, and that prints as its full path with the query.
        event.pop("request", None)
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return {name: without_tokens(value) if isinstance(value, str) else value for name, value in event.items()}


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
