"""Importing a statement."""

from dataclasses import dataclass

import pytest

from dashtam.application.ledger.import_pipeline import ImportPipeline
from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.ledger.imports import ImportRequest, StatementImport
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.contracts.world import World
from tests.statements import days, ofx, statement, transaction


@dataclass
class Person:
    """Someone who imports files."""

    app: Application
    id: UserId

    async def imports(self, content: bytes) -> StatementImport:
        result = await self.app.use(ImportPipeline)(
            ImportRequest(user_id=self.id, file_name="march.ofx", content=content)
        )
        assert isinstance(result, Success), result
        return result.value


@pytest.fixture
def ada(app: Application) -> Person:
    return Person(app, UserId(new_id()))


async def test_every_row_is_stored_once(app: Application, ada: Person) -> None:
    done = await ada.imports(ofx(statement(*days(3))))

    assert (done.new, done.same, done.conflict) == (3, 0, 0)
    assert len(app.store.transactions) == 3
    assert len(app.store.balances) == 1
    assert await app.world.imports.get(done.id, owner=ada.id) == Success(done)


async def test_the_outcome_is_reported(app: Application, ada: Person) -> None:
    await ada.imports(ofx())
    await ada.imports(ofx() + b"\n")

    assert sorted(app.trail) == sorted(
        [
            ("provider.connected", "success"),
            ("account.added", "success"),
            ("statement.imported", "success"),
            ("statement.imported", "success"),
        ]
    )
    assert sorted(app.announced) == sorted(action for action, _ in app.trail)


async def test_accounts_of_one_bank_share_a_connection(app: Application, ada: Person) -> None:
    await ada.imports(ofx(statement(), statement(number="2"), statement(bank="SOUTHBANK")))

    assert len(app.store.connections) == 2
    assert len(app.store.accounts) == 3


async def test_two_statements_of_one_account_are_merged(app: Application, ada: Person) -> None:
    rows = list(days(4))

    done = await ada.imports(ofx(statement(*rows[:3]), statement(*rows[1:])))

    assert [(each.new, each.same) for each in done.statements] == [(3, 0), (1, 2)]
    assert len(app.store.accounts) == 1


async def test_any_order_gives_the_same_ledger(app: Application, ada: Person) -> None:
    files = [ofx(statement(*list(days(9))[start : start + 4])) for start in range(6)]
    for content in (*files[::-1], *files):
        await ada.imports(content)

    assert sorted(row.description for row in app.store.transactions.values()) == [
        f"Shop {n}" for n in range(1, 10)
    ]


async def test_no_row_is_dropped(app: Application, ada: Person) -> None:
    rows = [transaction(), transaction(), transaction("?"), transaction(day=""), transaction("1")]

    done = await ada.imports(ofx(statement(*rows)))

    assert (done.new, done.conflict, len(done.quarantined)) == (2, 1, 2)


async def test_a_file_with_only_quarantined_rows_is_stored(app: Application, ada: Person) -> None:
    done = await ada.imports(ofx(statement(transaction(), number="9" * 256)))

    assert (done.new, len(done.quarantined)) == (0, 1)
    assert app.store.accounts == {}


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", UnreadableStatement("The file is empty.")),
        (
            b"hello",
            UnreadableStatement(
                "This file format is not supported. Supported formats: camt, csv, ofx, plain."
            ),
        ),
        (
            b"<OFX></OFX>",
            UnreadableStatement(
                "The file contains no transactions and no balances: there is nothing to import."
            ),
        ),
        (b"<OFX>" + b" " * 100_000, StatementTooLarge("A file has at most 100,000 bytes.")),
    ],
)
async def test_an_unreadable_file_is_refused(
    app: Application, ada: Person, content: bytes, error: object
) -> None:
    result = await app.use(ImportPipeline)(
        ImportRequest(user_id=ada.id, file_name="x", content=content)
    )

    assert result == Failure(error)
    assert app.trail == [("statement.import", "failure")]
    assert app.store.imports == {}


@pytest.mark.parametrize("port", ["accounts", "transactions", "balances", "imports", "connections"])
async def test_an_outage_at_any_step_stores_nothing(
    app: Application, ada: Person, monkeypatch: pytest.MonkeyPatch, port: str
) -> None:
    outage = Failure(Unavailable("The database is not available."))

    async def fail(*args: object, **kwargs: object) -> object:
        return outage

    monkeypatch.setattr(getattr(app.world, port), "add", fail)

    result = await app.use(ImportPipeline)(
        ImportRequest(user_id=ada.id, file_name="x", content=ofx())
    )

    assert result == outage
    assert (app.store.accounts, app.store.transactions, app.store.balances) == ({}, {}, [])
    assert app.trail == [("statement.import", "failure")]
    assert app.announced == []


@pytest.mark.parametrize(("closing", "expected"), [("7.50", "balanced"), ("7.51", "unbalanced")])
async def test_a_file_with_both_balances_is_reconciled(
    ada: Person, closing: str, expected: str
) -> None:
    done = await ada.imports(f"PLAIN 10.00 {closing}\n2026-03-01 -2.50 F1 Coffee\n".encode())

    assert (done.format, [each.reconciliation for each in done.statements]) == ("plain", [expected])


async def test_users_do_not_share_accounts(app: Application, world: World) -> None:
    for name in ("bob", "eve"):
        person = await world.user(f"{name}@example.org")
        await Person(app, person.id).imports(ofx())

    owners = {account.user_id for account in app.store.accounts.values()}
    assert len(owners) == len(app.store.accounts) == 2
