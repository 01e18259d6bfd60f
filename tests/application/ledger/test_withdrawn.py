"""A pending transaction ends when the bank says that it did not come about."""

import pytest

from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.undo_import import UndoImport
from domain.ledger.hints import ReadingHints
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.values import Removal
from domain.shared.ids import UserId, new_id
from domain.shared.result import Success
from tests.application.conftest import Application

HINTS = ReadingHints(account="100200300", currency="EUR")
PENDING = "2026-03-13,-1.50,Cinema,N1,Pending"
REVERTED = "2026-03-13,-1.50,Cinema,N1,Reverted"


class Ledger:
    """A user who imports CSV files with a column of states."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._user = UserId(new_id())

    async def add(self, *rows: str) -> StatementImport:
        text = "\n".join(["Date,Amount,Description,Transaction ID,Status", *rows, ""])
        done = await self._app.use(ImportPipeline)(
            ImportRequest(user_id=self._user, file_name="x.csv", content=text.encode(), hints=HINTS)
        )
        assert isinstance(done, Success), done
        return done.value

    async def undo(self, done: StatementImport) -> None:
        undone = await self._app.use(UndoImport)(import_id=done.id, user_id=self._user)
        assert isinstance(undone, Success)

    @property
    def removals(self) -> list[Removal | None]:
        return [each.removal for each in self._app.store.transactions.values()]


@pytest.fixture
def ledger(app: Application) -> Ledger:
    return Ledger(app)


OTHER = "2026-03-14,-2.00,Inn,N2,Booked"


async def test_ends_what_was_pending_until_it_is_undone(ledger: Ledger) -> None:
    await ledger.add(PENDING, OTHER)

    withdrawing = await ledger.add(REVERTED, OTHER)

    assert ledger.removals == [Removal.EXPIRED, None]
    assert [each.line for each in withdrawing.quarantined] == [2]
    await ledger.undo(withdrawing)
    assert ledger.removals == [None, None]


@pytest.mark.parametrize(
    "row",
    [
        "2026-03-13,-1.50,Cinema,,Cancelled",
        "2026-03-15,-1.50,Cinema,N1,Declined",
        "2026-03-13,-1.20,Cinema,N1,DECLINED",
    ],
)
async def test_is_found_by_its_id_or_its_key(ledger: Ledger, row: str) -> None:
    await ledger.add(PENDING, OTHER)

    await ledger.add(row, OTHER)

    assert ledger.removals == [Removal.EXPIRED, None]


@pytest.mark.parametrize(
    "row",
    [
        "2026-03-13,-1.50,Cinema,N9,Reverted",
        "2026-03-13,-1.60,Cinema,,Reverted",
        "2026-03-12,-1.50,Cinema,,Reverted",
        "2026-04-13,-1.50,Cinema,N1,Reverted",
    ],
)
async def test_does_not_end_another_one(ledger: Ledger, row: str) -> None:
    await ledger.add(PENDING, OTHER)

    await ledger.add(row, OTHER)

    assert ledger.removals == [None, None]


async def test_in_the_same_file_ends_it(ledger: Ledger) -> None:
    await ledger.add(PENDING, REVERTED, OTHER)

    assert ledger.removals == [Removal.EXPIRED, None]


async def test_ends_by_a_list_that_has_others_of_its_days(ledger: Ledger) -> None:
    hotel = "2026-03-12,-90.00,Hotel,,Pending"
    await ledger.add("2026-03-10,9.00,Top,,Booked", "2026-03-13,-20.00,Bistro,,Pending", hotel)

    later = await ledger.add(
        "2026-03-10,9.00,Top,,Booked", hotel, "2026-03-14,-23.00,Bistro,,Booked"
    )

    assert ledger.removals == [None, Removal.EXPIRED, None, None]
    await ledger.undo(later)
    assert ledger.removals == [None, None, None, Removal.UNDONE]


async def test_never_ends_what_is_booked(ledger: Ledger) -> None:
    await ledger.add(PENDING.replace("Pending", "Booked"), OTHER)
    await ledger.add(REVERTED, OTHER)
    assert ledger.removals == [None, None]

    await ledger.add(PENDING.replace("N1", "N3").replace("13", "15"), OTHER)
    booked = REVERTED.replace("Reverted", "Booked").replace("N1", "N3").replace("13", "15")
    await ledger.add(booked, REVERTED.replace("N1", "N3"), OTHER)

    assert ledger.removals == [None, None, None]


async def test_is_booked_after_all(ledger: Ledger) -> None:
    await ledger.add(PENDING, OTHER)
    await ledger.add(REVERTED, OTHER)

    await ledger.add(REVERTED.replace("Reverted", "Booked"), OTHER)

    assert ledger.removals == [None, None]


async def test_lacks_no_row(ledger: Ledger) -> None:
    done = await ledger.add(REVERTED, OTHER)

    (statement,) = done.statements
    assert (statement.new, len(done.quarantined)) == (1, 1)
