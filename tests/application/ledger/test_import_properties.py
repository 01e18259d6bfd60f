"""Whatever files come, in whatever order, however often: the ledger is what the bank booked."""

from asgiref.sync import async_to_sync
from hypothesis import given, settings
from hypothesis import strategies as st

from dashtam.application.ledger.import_pipeline import ImportPipeline
from domain.ledger.imports import ImportRequest
from domain.shared.ids import UserId, new_id
from domain.shared.result import Success
from tests.application.conftest import Application
from tests.fakes import Store
from tests.statements import ofx, statement, transaction

# What a bank books over some days: some purchases are alike in all but their id, some have none.
BOOKED = [
    transaction("-2.40", "20260301", "A1", "Bakery"),
    transaction("-2.40", "20260301", "A2", "Bakery"),
    transaction("-2.40", "20260302", "", "Bakery"),
    transaction("-2.40", "20260302", "", "Bakery"),
    transaction("-9.99", "20260303", "", "Music"),
    transaction("-9.99", "20260304", "", "Music"),
    transaction("150.00", "20260305", "A3", "Refund"),
    transaction("-1.00", "20260306", "A3", "Another row under the same id"),
]
# A bank's files have complete days.
DAYS = [BOOKED[:2], BOOKED[2:4], BOOKED[4:5], BOOKED[5:6], BOOKED[6:7], BOOKED[7:]]

windows = st.tuples(st.integers(0, 5), st.integers(1, 6)).map(
    lambda window: [row for day in DAYS[window[0] : sum(window)] for row in day]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(windows, min_size=1, max_size=6))
def test_every_row_is_stored_once(files: list[list[str]]) -> None:
    app = Application()

    async_to_sync(_import_file)(app, files)

    expected = {BOOKED.index(row) for rows in files for row in rows if row not in BOOKED[2:4]}
    twins = 2 if any(BOOKED[2] in rows for rows in files) else 0
    assert len(app.store.transactions) == len(expected) + twins


@settings(max_examples=30, deadline=None)
@given(st.lists(windows, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_file_order_does_not_matter(files: list[list[str]], chance: object) -> None:
    one, other = Application(), Application()
    shuffled = [*files]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis calls it a Random

    async_to_sync(_import_file)(one, files)
    async_to_sync(_import_file)(other, shuffled)

    assert _ledger(one.store) == _ledger(other.store)


async def _import_file(app: Application, files: list[list[str]]) -> None:
    user_id = UserId(new_id())
    for rows in files:
        content = ofx(statement(*rows))
        done = await app.use(ImportPipeline)(
            ImportRequest(user_id=user_id, file_name="x.ofx", content=content)
        )
        assert isinstance(done, Success)
        assert done.value.new + done.value.same + done.value.conflict == len(rows)


def _ledger(store: Store) -> list[tuple[object, ...]]:
    rows = store.transactions.values()
    return sorted((row.key.fingerprint, row.key.occurrence) for row in rows)
