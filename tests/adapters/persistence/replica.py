"""A ledger rebuilt from the change feed alone, and connections that write outside Dashtam."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg

from adapters.persistence.plain import connect, parameters
from dashtam.application.ledger.changes import ListChanges
from dashtam.container import container
from domain.ledger.changes import Change, ChangedResource, ChangeKind, FeedCursor
from domain.ledger.entities import Account, Transaction
from domain.ledger.imported import BalanceSnapshot
from domain.ledger.ports import TransactionFilter
from domain.shared.ids import ImportId, UserId
from domain.shared.result import Success
from tests.imported_rows import record_rows
from tests.unaudited import add_entry

NOBODY = ImportId(UUID(int=0))
EVERYTHING = TransactionFilter()


class Replica:
    """Follows the feed, and applies every change as the next version of its resource."""

    def __init__(self, owner: UserId) -> None:
        self.owner = owner
        self.cursor: FeedCursor | None = None
        self.changes: list[Change] = []
        self.versions: dict[UUID, int] = {}
        self.things: dict[UUID, Any] = {}

    async def read(self, limit: int = 500) -> list[Change]:
        """Read one page, and apply it."""
        done = await container.use(ListChanges)(user_id=self.owner, after=self.cursor, limit=limit)
        assert isinstance(done, Success)
        for change in done.value.items:
            self._apply(change)
        self.cursor = done.value.next
        return list(done.value.items)

    async def catch_up(self, limit: int = 500) -> None:
        while await self.read(limit):
            pass

    def _apply(self, change: Change) -> None:
        cursor, content = change.cursor, plain(change.content)
        before = self.versions.get(cursor.id, 0)
        assert cursor.version == before + 1, f"{cursor} after version {before}"
        self.versions[cursor.id] = cursor.version
        stands = cursor.id in self.things
        if change.kind is ChangeKind.REMOVED:
            self.things.pop(cursor.id, None)
        else:
            assert stands is (change.kind is ChangeKind.MODIFIED)
            self.things[cursor.id] = content
        self.changes.append(replace(change, content=content))

    def active(self, kind: type) -> list[Any]:
        return [each for each in self.things.values() if isinstance(each, kind)]

    async def assert_is_the_ledger(self) -> None:
        """Compare everything here with everything that the repositories return."""
        accounts, transactions, balances = await ledger(self.owner)
        assert sorted(self.active(Account), key=lambda each: each.id) == accounts
        mine = sorted(self.active(Transaction), key=lambda each: each.id)
        assert mine == transactions
        assert {_stated(each) for each in self.active(BalanceSnapshot)} == balances


async def ledger(owner: UserId) -> tuple[list[Account], list[Transaction], set[tuple[Any, ...]]]:
    """Return everything that the repositories return of a user's ledger."""
    transactions: list[Transaction] = []
    balances: set[tuple[Any, ...]] = set()
    # Others write meanwhile, and may delete what was just listed.
    async with container.ports.unit_of_work(owner=owner, snapshot=True):
        accounts = await container.ports.accounts.all(owner=owner)
        assert isinstance(accounts, Success)
        for account in accounts.value:
            page = await container.ports.transactions.page(
                account.id, owner=owner, where=EVERYTHING, after=None, limit=10_000
            )
            snapshots = await container.ports.balances.page(
                account.id, owner=owner, after=None, limit=10_000
            )
            assert isinstance(page, Success)
            assert isinstance(snapshots, Success)
            for listed in page.value.items:
                row = await container.ports.transactions.get(listed.id, owner=owner)
                assert isinstance(row, Success)
                transactions.append(plain(row.value))
            balances |= {_stated(each) for each in snapshots.value.items}
    transactions.sort(key=lambda row: row.id)
    return list(accounts.value), transactions, balances


def plain(content: Any) -> Any:
    """Omit the import: that another import states the same is no change."""
    if isinstance(content, Transaction):
        return replace(content, import_id=NOBODY, line=0)
    return content


def _stated(balance: BalanceSnapshot) -> tuple[Any, ...]:
    return balance.account_id, balance.kind, balance.day, balance.money


def of(changes: list[Change], resource: ChangedResource) -> list[tuple[UUID, str, int]]:
    """Return what happened to one kind of thing, in order."""
    return [
        (each.cursor.id, each.kind.value, each.cursor.version)
        for each in changes
        if each.cursor.resource is resource
    ]


class Beside:
    """A transaction of its own, open as long as the test wants; it adds an audit entry."""

    def __init__(self, raw: "psycopg.Connection[Any]") -> None:
        self._raw = raw

    def number(self) -> int:
        """Have a number from now on, before anything is written."""
        found = self._raw.execute("SELECT guard.transaction_number()").fetchone()
        assert found
        add_entry(self._raw)
        return int(found[0])

    def add_copy(self, transaction_id: UUID) -> UUID:
        """Add a transaction that is like another but for its identity."""
        (columns,) = self._raw.execute(_COLUMNS).fetchone() or ("",)
        added = self._raw.execute(
            f"INSERT INTO ledger_transaction (id, fingerprint, {columns})"
            f" SELECT uuidv7(), sha256(uuid_send(uuidv7())), {columns}"
            " FROM ledger_transaction WHERE id = %s RETURNING id",
            [transaction_id],
        ).fetchone()
        assert added
        found: UUID = added[0]
        self._raw.execute(record_rows("id = %s"), [found])
        return found

    def note(self, transaction_id: UUID, text: str) -> None:
        self._raw.execute(
            "UPDATE ledger_transaction SET note = %s WHERE id = %s", [text, transaction_id]
        )

    def add_holding(self, transaction_id: UUID) -> UUID:
        """Add a holding to the account and the statement of a transaction."""
        added = self._raw.execute(_INSERT_HOLDINGS, [transaction_id]).fetchone()
        assert added
        found: UUID = added[0]
        return found

    def commit(self) -> None:
        self._raw.commit()

    def roll_back(self) -> None:
        self._raw.rollback()


# Position and recorded time are left to the database, as they are to all who write.
_COLUMNS = """
SELECT string_agg(column_name, ', ') FROM information_schema.columns
WHERE table_name = 'ledger_transaction' AND column_name NOT IN (
    'id', 'fingerprint', 'feed_position', 'recorded_at', 'version', 'created_at', 'updated_at'
)
"""
_INSERT_HOLDINGS = """
WITH one AS (
    SELECT t.user_id, t.account_id, t.import_id, s.id AS statement_id
    FROM ledger_transaction t JOIN ledger_statement s USING (import_id) WHERE t.id = %s
), security AS (
    INSERT INTO ledger_security (id, user_id, scheme, number, name, ticker)
    SELECT uuidv7(), user_id, 'ISIN', 'US0000000001', 'Shares', 'SHR' FROM one RETURNING id
)
INSERT INTO ledger_holding (
    id, user_id, account_id, import_id, statement_id, security_id, day, quantity, currency, line
)
SELECT uuidv7(), one.*, security.id, '2026-03-31', 3, 'EUR', 1 FROM one, security RETURNING id
"""


@contextmanager
def beside() -> Iterator[Beside]:
    """Begin a transaction on another connection."""
    with psycopg.connect(**parameters()) as raw:
        yield Beside(raw)


def current_history() -> UUID:
    with connect() as connection:
        row = connection.execute("SELECT id FROM guard.history ORDER BY number DESC").fetchone()
    assert row is not None
    history: UUID = row[0]
    return history
