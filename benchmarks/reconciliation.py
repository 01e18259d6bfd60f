"""The cost of comparing the ledger with balances, as a part of an import into a large account.

One account has a statement for each day, and another one a file a day of the last 90 days.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import psycopg

from adapters.persistence.ledger.imported_rows import STATE
from benchmarks.server import migrated_database
from domain.ledger.imports import StatementImport
from domain.ledger.values import Reconciliation
from domain.shared.ids import UserId
from domain.shared.result import Result, Success
from tests.camt import balance, entry, message, statement
from tests.unaudited import ADD_ENTRY

ROUNDS = 9
FIRST = date(1996, 1, 1)


@dataclass(frozen=True)
class Bank:
    """Books one unit of money again and again, and states it in statements of some days."""

    iban: str
    rows_a_day: int
    days: int
    statements: int

    @property
    def rows(self) -> int:
        return (self.statements + self.days - 1) * self.rows_a_day

    def file(self, number: int) -> bytes:
        first = number * self.rows_a_day
        last = first + self.days * self.rows_a_day
        opens, closes = self.day_of(first), self.day_of(last - 1)
        return message(
            statement(
                *(self._entry(row) for row in range(first, last)),
                iban=self.iban,
                balances=balance("OPBD", str(first), "DBIT", str(opens))
                + balance("CLBD", str(last), "DBIT", str(closes)),
            )
            .replace("2026-03-01T", f"{opens}T")
            .replace("2026-03-31T", f"{closes}T")
        )

    def day_of(self, row: int) -> date:
        return FIRST + timedelta(days=row // self.rows_a_day)

    def _entry(self, row: int) -> str:
        return entry(
            "<Amt Ccy='EUR'>1</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>"
            f"<BookgDt><Dt>{self.day_of(row)}</Dt></BookgDt><AcctSvcrRef>R{row}</AcctSvcrRef>"
        )


# What the first import made serves as the pattern of all others.
_GROW = [
    """
CREATE TEMP TABLE made AS
SELECT uuidv7() AS import_id, n, first_row, first_row + %(size)s - 1 AS last_row,
    %(first)s::date + first_row / %(rows_a_day)s AS first_day,
    %(first)s::date + (first_row + %(size)s - 1) / %(rows_a_day)s AS last_day
FROM (
    SELECT n, n * %(rows_a_day)s AS first_row FROM generate_series(1, %(statements)s - 1) AS n
) AS numbers
""",
    """
INSERT INTO ledger_import (id, user_id, file_name, digest, size, format, imported_at, status,
    reader_version, quarantined, hints)
SELECT made.import_id, user_id, '', sha256(n::text::bytea), 0, format, imported_at, status,
    reader_version, quarantined, hints
FROM ledger_import, made WHERE id = %(import)s
""",
    """
INSERT INTO ledger_statement (id, user_id, account_id, import_id, place, report_type, number,
    currency, first_day, last_day, opening, opening_day, closing, closing_day, reconciliation,
    ledger_reconciliation, ledger_since, new, same, updates, conflict, deleted, balances,
    suggested)
SELECT uuidv7(), user_id, account_id, made.import_id, place, report_type, number,
    currency, made.first_day, made.last_day, -first_row, made.first_day, -last_row - 1,
    made.last_day, 'balanced', 'balanced', made.first_day, new, same, updates, conflict, deleted,
    balances, suggested
FROM ledger_statement JOIN made ON ledger_statement.import_id = %(import)s
""",
    r"""
INSERT INTO ledger_transaction (id, user_id, account_id, import_id, fingerprint, occurrence,
    provider_id, booking_date, amount, currency, kind, status, description, line, raw)
SELECT uuidv7(), user_id, account_id, import_id, sha256(convert_to(concat_ws(
        E'\x1f', '1', 'id', 'R' || n, day::text, '-1', 'EUR'), 'UTF8')), 1,
    'R' || n, day, amount, currency, kind, status, description, n, raw
FROM generate_series(%(size)s, %(rows)s - 1) AS n
CROSS JOIN LATERAL (SELECT %(first)s::date + n / %(rows_a_day)s AS day) AS days,
    (SELECT * FROM ledger_transaction WHERE import_id = %(import)s LIMIT 1) AS one
""",
    "ANALYZE made, ledger_transaction",
    f"""
INSERT INTO ledger_imported_rows (id, user_id, account_id, import_id, place, first_day, last_day,
    first_line, last_line, transaction_ids, states, lines, results)
SELECT uuidv7(), user_id, account_id, made.import_id, 1, first_day, last_day, first_row, last_row,
    array_agg(id), array_agg({STATE}), array_agg(line), repeat('s', count(*)::int)
FROM made CROSS JOIN LATERAL (
    SELECT * FROM ledger_transaction
    WHERE user_id = %(owner)s AND account_id = %(account)s AND removal IS NULL
    AND booking_date BETWEEN first_day AND last_day
) AS listed
GROUP BY user_id, account_id, made.import_id, first_day, last_day, first_row, last_row
""",
    "DROP TABLE made",
]


def _grow(url: str, bank: Bank, done: StatementImport) -> None:
    its = {
        "owner": done.user_id,
        "import": done.id,
        "account": done.statements[0].account_id,
        "first": FIRST,
        "rows_a_day": bank.rows_a_day,
        "statements": bank.statements,
        "rows": bank.rows,
        "size": bank.rows_a_day * bank.days,
    }
    with psycopg.connect(url, autocommit=True) as connection:
        # Disable triggers, which are not part of the measurement.
        connection.execute("SET session_replication_role = replica")
        with connection.transaction():
            connection.execute(ADD_ENTRY)
            for each in _GROW:
                connection.execute(each, its)
        connection.execute(
            "VACUUM (ANALYZE) ledger_import, ledger_statement, ledger_transaction,"
            " ledger_imported_rows"
        )


@dataclass
class Stopwatch:
    """Measures the comparison within an import."""

    inner: Any
    seconds: list[float] = field(default_factory=list)

    async def after_import(self, done: StatementImport) -> Result[Any, Any]:
        began = time.perf_counter()
        found: Result[Any, Any] = await self.inner.after_import(done)
        self.seconds.append(time.perf_counter() - began)
        return found


async def _import(user_id: UserId, content: bytes, watch: Stopwatch) -> StatementImport:
    from dashtam.application.ledger.import_pipeline import ImportPipeline
    from dashtam.container import container
    from domain.ledger.imports import ImportRequest

    pipeline: Any = container.use(ImportPipeline)
    done = await replace(pipeline, reconcile_accounts=watch)(
        ImportRequest(user_id=user_id, file_name="x.xml", content=content)
    )
    assert isinstance(done, Success), done
    imported: StatementImport = done.value
    assert imported.statements[0].ledger.state is Reconciliation.BALANCED
    return imported


async def _account(url: str, email: str, bank: Bank) -> Sequence[float]:
    """Return how long the comparison takes in each import into a grown account."""
    from dashtam.application.identity.users import RegisterUser
    from dashtam.application.ledger.reconcile import ReconcileAccounts
    from dashtam.container import container

    registered = await container.use(RegisterUser)(email=email, password="a password for measuring")
    assert isinstance(registered, Success)
    user_id = registered.value.id
    watch = Stopwatch(container.use(ReconcileAccounts))
    _grow(url, bank, await _import(user_id, bank.file(0), watch))
    watch.seconds.clear()
    for number in range(ROUNDS):
        await _import(user_id, bank.file(bank.statements + number), watch)
    return watch.seconds


async def _measure(url: str, rows: int) -> dict[str, float]:
    from dashtam.container import container

    daily = Bank("DE01", rows_a_day=100, days=1, statements=rows // 100)
    overlapping = Bank("DE02", rows_a_day=5, days=90, statements=730)
    once = await _account(url, "daily@dashtam.example", daily)
    again = await _account(url, "again@dashtam.example", overlapping)
    await container.drain()
    container.database.close()
    return {
        "daily_ms": statistics.median(once) * 1000,
        "overlapping_ms": statistics.median(again) * 1000,
    }


def main(rows: int) -> dict[str, float]:
    with migrated_database() as url:
        return asyncio.run(_measure(url, rows))


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
