"""Log lines as key=value for people or JSON for machines; never bodies, never tokens."""

import logging.config
import re
from typing import Any

import structlog

# A join token is a key to a chat; it stands in a path, so it is cut from every line.
_JOIN_TOKEN = re.compile(r"(/join/)[^/\s?\"']+")


def without_tokens(text: str) -> str:
    return _JOIN_TOKEN.sub(r"\1***", text)


def _scrub(logger: object, name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    # Django adds the request itself to what it logs of refusals, and that prints as its full path with the query.
    event.pop("request", None)
    return {key: without_tokens(value) if isinstance(value, str) else value for key, value in event.items()}


def configure(options: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: `{"format": "console"|"json", "level": …}`."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _scrub,
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if options["format"] == "json"
        else structlog.processors.KeyValueRenderer(
            key_order=["timestamp", "level", "logger", "event"], drop_missing=True
        )
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stderr"], "level": options["level"]},
            "loggers": {
                # The door writes one line a request; the server's own would be a second one.
                "uvicorn.access": {"level": "WARNING", "propagate": True, "handlers": []},
                "django.channels.server": {"level": "WARNING"},
            },
        }
    )
