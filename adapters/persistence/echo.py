"""Logs the text of every SQL statement, never its values (the setting DB_ECHO)."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

logger = structlog.get_logger(__name__)


def echo_statements() -> None:
    """Log each statement on each connection from now on."""
    connection_created.connect(_listen, dispatch_uid="echo_statements")


def _listen(connection: BaseDatabaseWrapper, **signal: Any) -> None:
    if _log_statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(_log_statement)


def _log_statement(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        took = round((time.perf_counter() - began) * 1000, 2)
        logger.info("database.statement", sql=sql, duration_ms=took)
