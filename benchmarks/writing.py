"""Ways to write transactions, in seconds: what decision 0013 chose from.

All write the same rows into the real table, with its policies, references and indexes, and are
rolled back. COPY into a staging table is measured as a superuser would have to allow it.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from benchmarks.server import migrated_database
from benchmarks.synthetic import ofx
from domain.shared.ids import AccountId, ConnectionId, ImportId, TransactionId, UserId, new_id
from domain.shared.result import Success
from tests.unaudited import add_entry

ROUNDS = 5
BATCH = 5000


def _transactions(rows: int) -> list[Any]:
    from adapters.statements.ofx import OfxReader
    from domain.ledger.entities import Account, Transaction
    from domain.ledger.values import transaction_keys

    read = OfxReader().read(ofx(rows))
    assert isinstance(read, Success)
    statement = read.value.statements[0]
    account, _ = Account.add(
        statement.account,
        id=AccountId(new_id()),
        user_id=UserId(new_id()),
        connection_id=ConnectionId(new_id()),
        at=_now(),
    )
    source = ImportId(new_id())
    return Transaction.from_rows(
        statement.rows,
        transaction_keys(statement.rows),
        [TransactionId(new_id()) for _ in statement.rows],
        account=account,
        import_id=source,
    )


def _now() -> Any:
    from django.utils.timezone import now

    return now()


def _columns(rows: Sequence[Any]) -> list[list[Any]]:
    from adapters.persistence.ledger import postings

    return [list(column) for column in postings.columns_of(rows, {}).values()]


def _texts(rows: Sequence[Any]) -> None:
    from adapters.persistence.ledger import postings

    for start in range(0, len(rows), BATCH):
        postings.insert(rows[start : start + BATCH])


def _arrays(rows: Sequence[Any]) -> None:
    from django.db import connection

    from adapters.persistence.ledger import postings

    arrays = ", ".join(f"%s::{kind}[]" for kind in postings.POSTED.values())
    names = ", ".join(postings.POSTED)
    insert = f"INSERT INTO ledger_transaction ({names}) SELECT * FROM unnest({arrays})"
    with connection.cursor() as cursor:
        for start in range(0, len(rows), BATCH):
            cursor.execute(insert, _columns(rows[start : start + BATCH]))


def _bulk_create(rows: Sequence[Any]) -> None:
    import json as documents

    from adapters.persistence.ledger import postings
    from adapters.persistence.ledger.models import TransactionModel

    names = [{"import_id": "source_id"}.get(name, name) for name in postings.POSTED]
    models = [
        TransactionModel(
            **{**dict(zip(names, values, strict=True)), "raw": documents.loads(values[17])}
        )
        for values in zip(*_columns(rows), strict=True)
    ]
    TransactionModel.objects.bulk_create(models, batch_size=BATCH)


def _staged(rows: Sequence[Any]) -> None:
    from django.db import connection

    from adapters.persistence.ledger import postings

    names = ", ".join(postings.POSTED)
    with connection.cursor() as cursor:
        with cursor.cursor.copy(f"COPY staging ({names}) FROM STDIN") as into:
            for values in zip(*_columns(rows), strict=True):
                into.write_row(values)
        cursor.execute(f"INSERT INTO ledger_transaction ({names}) SELECT {names} FROM staging")


WAYS: dict[str, Callable[[Sequence[Any]], None]] = {
    "texts": _texts,
    "arrays": _arrays,
    "bulk_create": _bulk_create,
    "staged_copy": _staged,
}


def _timed(way: Callable[[Sequence[Any]], None], rows: Sequence[Any], owner: UUID) -> float:
    from django.db import connection, transaction

    with transaction.atomic():
        with connection.cursor() as cursor:
            add_entry(cursor)
            cursor.execute("SELECT set_config('app.user_id', %s, true)", [str(owner)])
            cursor.execute("SET LOCAL ROLE dashtam_app")
        began = time.perf_counter()
        way(rows)
        took = time.perf_counter() - began
        transaction.set_rollback(True)
    return took


def main(rows: int) -> dict[str, float]:
    with migrated_database() as url:
        import psycopg
        from django.db import connections

        with psycopg.connect(url, autocommit=True) as superuser:
            superuser.execute(
                "CREATE UNLOGGED TABLE staging AS SELECT * FROM ledger_transaction LIMIT 0"
            )
            superuser.execute("GRANT SELECT, INSERT ON staging TO dashtam_app")
        settings = connections["default"].settings_dict
        settings["OPTIONS"] = {**settings["OPTIONS"], "assume_role": "dashtam_app"}
        made = _transactions(rows)
        taken: dict[str, list[float]] = {name: [] for name in WAYS}
        for _ in range(ROUNDS):
            for name, way in WAYS.items():
                taken[name].append(_timed(way, made, made[0].user_id))
        connections["default"].close()
    figures = {name: statistics.median(times) for name, times in taken.items()}
    figures["to_bulk_create"] = figures["texts"] / figures["bulk_create"]
    return figures


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
