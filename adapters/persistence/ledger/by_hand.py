"""What users wrote by hand, among all imports."""

from collections.abc import Mapping
from typing import Any, Never

from django.db import connection

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.ledger.columns import column_of
from adapters.persistence.ledger.imported_rows import STATING
from adapters.persistence.ledger.models import StatementModel
from domain.ledger.values import BY_HAND
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId
from domain.shared.result import Result, Success

_STATING = f"""
SELECT DISTINCT source.id, source.format = %(by_hand)s
FROM ({STATING}) AS stating JOIN ledger_import AS source
    ON source.user_id = %(owner)s AND source.id = stating.import_id
"""  # noqa: S608


class PostgresEntriesByHand(UsesDatabase):
    """`EntriesByHand`: what they state is with all that imports state."""

    @in_database
    def stating(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Mapping[ImportId, bool], Never]:
        its: dict[str, Any] = {"owner": owner, "by_hand": BY_HAND}
        its["ids"] = column_of("uuid", [transaction_id])
        with connection.cursor() as cursor:
            cursor.execute(_STATING, its)
            return Success({ImportId(each): by_hand for each, by_hand in cursor.fetchall()})

    @in_database
    def opening_balance(
        self, account_id: AccountId, *, owner: UserId
    ) -> Result[ImportId | None, Never]:
        stated = StatementModel.objects.filter(
            user_id=owner, account_id=account_id, report_type=BY_HAND, closing__isnull=False
        )
        active = stated.filter(source__undone_at__isnull=True, source__user_id=owner)
        found = active.order_by("-source_id").values_list("source_id", flat=True).first()
        return Success(ImportId(found) if found else None)
