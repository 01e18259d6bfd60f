"""Units of work that take as long as they take."""

from django.db import connection

# Computing between two statements takes its time too; a process that is gone is noticed by TCP.
_ALLOW_LONG = """
SET LOCAL transaction_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = '5min'
"""
_ALLOW_LONG_STEPS = "SET LOCAL statement_timeout = '10min'"


def allow_long_transaction(*, steps: bool = False) -> None:
    """Let this transaction take as long as it takes, and each of its statements, if wanted."""
    with connection.cursor() as cursor:
        cursor.execute(_ALLOW_LONG)
        if steps:
            cursor.execute(_ALLOW_LONG_STEPS)
