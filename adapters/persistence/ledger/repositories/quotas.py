"""What of the room for files a user takes up, and who may change that meanwhile: nobody else."""

from typing import Never

from django.db import connection

from adapters.persistence.database import Database, in_database
from domain.ledger.quotas import QuotaUsage
from domain.shared.ids import UserId
from domain.shared.result import Result, Success

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('files ' || %s, 0))"
_USAGE = """
SELECT
    (SELECT coalesce(sum(octet_length(sealed)), 0) FROM ledger_file WHERE user_id = %(owner)s)
    + (SELECT coalesce(sum(octet_length(sealed)), 0) FROM ledger_preview
        WHERE user_id = %(owner)s),
    (SELECT count(*) FROM ledger_import WHERE user_id = %(owner)s AND status = 'waiting')
    + (SELECT count(*) FROM ledger_preview WHERE user_id = %(owner)s AND status = 'waiting')
"""


def lock_files(owner: UserId) -> None:
    """Let nobody else keep or drop a file of this user's until the transaction ends.

    What is asked after it sees what all others have done.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [str(owner)])


class PostgresQuotaMeter:
    """`QuotaMeter` that adds up what is there: sizes are read without the files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def usage(self, *, owner: UserId) -> Result[QuotaUsage, Never]:
        with connection.cursor() as cursor:
            cursor.execute(_USAGE, {"owner": owner})
            stored, waiting = cursor.fetchone()
        return Success(QuotaUsage(int(stored), waiting))
