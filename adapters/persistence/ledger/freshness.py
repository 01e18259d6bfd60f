"""How far the statements of accounts reach."""

from collections.abc import Mapping
from typing import Never

from django.db import connection

from adapters.persistence.database import UsesDatabase, in_database
from domain.ledger.accounts import Freshness
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Result, Success

_BY_ACCOUNT = """
SELECT stated.account_id, max(greatest(
    stated.last_day, stated.closing_day, stated.pending_day, stated.holdings_day, rows.last_day
)), max(source.imported_at)
FROM ledger_statement stated JOIN ledger_import source
    ON source.user_id = stated.user_id AND source.id = stated.import_id
LEFT JOIN ledger_imported_rows rows ON rows.user_id = stated.user_id
    AND rows.import_id = stated.import_id AND rows.place = stated.place
WHERE stated.user_id = %(owner)s AND source.user_id = %(owner)s AND source.undone_at IS NULL
GROUP BY stated.account_id
"""


class PostgresFreshnessRepository(UsesDatabase):
    """`FreshnessRepository` in one statement."""

    @in_database
    def by_account(self, *, owner: UserId) -> Result[Mapping[AccountId, Freshness], Never]:
        with connection.cursor() as cursor:
            cursor.execute(_BY_ACCOUNT, {"owner": owner})
            found = {AccountId(each): Freshness(*rest) for each, *rest in cursor.fetchall()}
        return Success(found)
