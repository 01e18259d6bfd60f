"""New statistics are missing after rapid growth: queries must cost no more than their rows."""

import re
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection

from adapters.persistence.plain import connect
from adapters.persistence.roles import Role
from dashtam.application.ledger.changes import ListChanges
from dashtam.application.ledger.export_ledger import ExportLedger
from dashtam.application.ledger.holdings import ListHoldings, ShowNetWorth
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.import_queries import ListImportRows
from dashtam.application.ledger.transfers import ListTransfers
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.container import container
from domain.identity.entities import User
from domain.ledger.exports import ExportScope
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.search_window import SearchWindow
from domain.ledger.transfers import TransferStatus
from domain.shared.ids import UserId
from domain.shared.result import Success
from tests.contracts.world import World
from tests.statements import ofx, statement, transaction

pytestmark = pytest.mark.slow

ROWS = 600
#: Rows that a step of a plan may look at for each row that is there; a join of all with all looks
#: at as many as there are rows.
LOOKS = 100

_KINDS = re.compile(r"^(SELECT|WITH|INSERT|UPDATE|DELETE)", re.MULTILINE)

UseCase = Callable[..., Coroutine[Any, Any, Any]]


@pytest.fixture(params=["never", "meanwhile"])
def grown(django_world: World, request: pytest.FixtureRequest) -> tuple[UserId, StatementImport]:
    """Two accounts, imported into tables without statistics, and a user with none of the rows."""
    user: User = async_to_sync(django_world.user)()
    done = async_to_sync(_import_file)(user.id, _file())
    if request.param == "meanwhile":
        with connect() as beside:
            beside.execute("ANALYZE")
    return user.id, done


def _file() -> bytes:
    rows = [transaction(fitid=f"F{n}", amount=f"-{n + 1}.00") for n in range(ROWS)]
    back = [transaction(fitid=f"F{n}", amount=f"{n + 1}.00") for n in range(ROWS)]
    return ofx(statement(*rows, number="1"), statement(*back, number="2"))


async def _import_file(user_id: UserId, content: bytes) -> StatementImport:
    done = await container.use(ImportPipeline)(
        ImportRequest(user_id=user_id, file_name="x.ofx", content=content)
    )
    assert isinstance(done, Success)
    return done.value


@dataclass
class Looks:
    """Tries each statement on the ledger's tables as the application, before it is executed."""

    user_id: UserId
    most: dict[str, float] = field(default_factory=dict)

    def __call__(
        self, execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any
    ) -> Any:
        if "ledger_" in sql and _KINDS.search(sql):
            self.most[sql] = max(
                self.most.get(sql, 0), self._tried(context["cursor"], sql, parameters)
            )
        return execute(sql, parameters, many, context)

    def _tried(self, cursor: Any, sql: str, parameters: Any) -> float:
        beside = cursor.connection.connection.cursor()
        beside.execute("SAVEPOINT looked_at")
        beside.execute(f"SET LOCAL ROLE {Role.APPLICATION}")
        beside.execute("SELECT set_config('app.user_id', %s, true)", [str(self.user_id)])
        beside.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters)
        (((plan,),),) = beside.fetchall()
        beside.execute("ROLLBACK TO SAVEPOINT looked_at")
        return max(_looked_at(plan["Plan"]))


def _looked_at(plan: dict[str, Any]) -> Iterator[float]:
    """Return how many rows each step had before it, also those that it left out."""
    left_out = sum(rows for name, rows in plan.items() if name.startswith("Rows Removed"))
    yield (plan["Actual Rows"] + left_out) * plan["Actual Loops"]
    for part in plan.get("Plans", []):
        yield from _looked_at(part)


def _costs(user_id: UserId, use_case: UseCase, **parameters: Any) -> Any:
    """Check a use case against the cost of its rows; return its result."""
    return _costs_of(user_id, use_case, user_id=user_id, **parameters)


def _costs_of_import(user_id: UserId) -> None:
    request = ImportRequest(user_id=user_id, file_name="x.ofx", content=_file())
    _costs_of(user_id, container.use(ImportPipeline), request)


def _costs_of(owner: UserId, use_case: UseCase, *request: ImportRequest, **parameters: Any) -> Any:
    looks = Looks(owner)
    with connection.execute_wrapper(looks):
        done = async_to_sync(use_case)(*request, **parameters)
    assert isinstance(done, Success)
    sql, most = max(looks.most.items(), key=lambda each: each[1])
    assert most <= LOOKS * 2 * ROWS, sql
    return done.value


#: A list of ten positions on each of so many days.
_INSERT_HOLDINGS = """
WITH statement AS (
    INSERT INTO ledger_statement (id, user_id, account_id, import_id, place, report_type, number,
        currency, holdings_day, reconciliation, ledger_reconciliation, new, same, updates,
        conflict, deleted, balances, suggested)
    SELECT uuidv7(), one.user_id, account_id, import_id, 2 + n, '', '', currency,
        current_date - n, reconciliation, ledger_reconciliation, 0, 0, 0, 0, 0, 0, 0
    FROM generate_series(1, %s) AS n,
        (SELECT * FROM ledger_statement WHERE import_id = %s AND place = 1) AS one
    RETURNING *
), security AS (
    INSERT INTO ledger_security (id, user_id, scheme, number, name, ticker)
    SELECT uuidv7(), %s, 'ISIN', n::text, '', '' FROM generate_series(1, 10) AS n RETURNING *
)
INSERT INTO ledger_holding (id, user_id, account_id, import_id, statement_id, security_id,
    day, quantity, currency, price, line)
SELECT uuidv7(), statement.user_id, account_id, import_id, statement.id, security.id,
    holdings_day, 2, currency, 3, 1
FROM statement, security
"""


Grown = tuple[UserId, StatementImport]


@pytest.mark.parametrize("format", ["beancount", "csv", "ofx"])
def test_an_export_reads_no_more_than_its_rows(grown: Grown, format: str) -> None:
    done = _costs(grown[0], container.use(ExportLedger), format=format, scope=ExportScope())

    assert done.count == 2 * ROWS
    done.content.close()


def test_net_worth_reads_no_more_than_its_rows(grown: Grown) -> None:
    _add_holdings(grown)

    last = container.ports.clock.now().date()
    month = {"first": last - timedelta(days=30), "last": last}

    worth = _costs(grown[0], container.use(ShowNetWorth), **month)

    assert worth.items[-1].holdings == 10 * 2 * 3


def test_holdings_read_no_more_than_their_rows(grown: Grown) -> None:
    _add_holdings(grown)

    page = _costs(grown[0], container.use(ListHoldings), account_id=None, after=None, limit=50)

    assert len(page.items) == 10


def _add_holdings(grown: Grown) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_HOLDINGS, [ROWS, grown[1].id, grown[0]])


def test_suggested_transfers_read_no_more_than_their_rows(grown: Grown) -> None:
    suggested = {"status": TransferStatus.SUGGESTED, "period": SearchWindow()}
    _costs(grown[0], container.use(ListTransfers), **suggested, after=None, limit=50)


def test_the_feed_reads_no_more_than_its_rows(grown: Grown) -> None:
    with connection.cursor() as cursor:
        # The feed lists what this transaction wrote once others have begun after it.
        cursor.execute("UPDATE guard.state SET xid_offset = xid_offset + 1000000")

    page = _costs(grown[0], container.use(ListChanges), after=None, limit=200)

    assert len(page.items) == 200


def test_the_rows_of_an_import_are_read_by_index(grown: Grown) -> None:
    arguments = {"import_id": grown[1].id, "after": None, "limit": 50}
    _costs(grown[0], container.use(ListImportRows), **arguments)


def test_a_duplicate_import_reads_no_more_than_its_rows(grown: Grown) -> None:
    _costs_of_import(grown[0])


def test_an_undo_reads_no_more_than_its_rows(grown: Grown) -> None:
    _costs(grown[0], container.use(UndoImport), import_id=grown[1].id)


def test_a_restored_import_reads_no_more_than_its_rows(grown: Grown) -> None:
    user_id, done = grown
    undone = async_to_sync(container.use(UndoImport))(import_id=done.id, user_id=user_id)
    assert isinstance(undone, Success)

    _costs_of_import(user_id)
