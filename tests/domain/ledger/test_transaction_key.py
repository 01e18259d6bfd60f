"""Which row is which transaction."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.matches import ExistingTransaction, MatchContext
from domain.ledger.matching import match_rows
from domain.ledger.values import MatchResult, StatementRow, transaction_keys
from domain.shared.ids import TransactionId, new_id
from domain.shared.money import Money
from tests.factories import make_row

NEW, SAME, CONFLICT = MatchResult.NEW, MatchResult.SAME, MatchResult.CONFLICT


def match(rows: list[StatementRow], before: list[StatementRow]) -> list[MatchResult]:
    """Match rows against those that an account has already."""
    evidence = MatchContext(
        known={
            key: existing(row) for row, key in zip(before, transaction_keys(before), strict=True)
        },
        provider_ids={row.provider_id for row in before if row.provider_id},
        candidates=[existing(row) for row in before],
    )
    return [decision.result for decision in match_rows(rows, transaction_keys(rows), evidence)]


def existing(row: StatementRow) -> ExistingTransaction:
    return ExistingTransaction(
        id=TransactionId(new_id()),
        booking_date=row.booking_date,
        amount=row.amount,
        provider_id=row.provider_id,
        description=row.description,
        pending=row.pending,
    )


def test_the_same_id_day_and_amount_match() -> None:
    reworded = make_row(description="COFFEE HOUSE *1234", line=99)

    assert match([reworded], [make_row()]) == [SAME]


def test_the_same_id_with_another_amount_or_day_is_a_conflict() -> None:
    assert match([make_row("-13.00")], [make_row()]) == [CONFLICT]
    assert match([make_row(day=2)], [make_row()]) == [CONFLICT]
    dollars = replace(make_row(), amount=Money(Decimal("-12.50"), "USD"))
    assert match([dollars], [make_row()]) == [CONFLICT]


def test_rows_of_one_statement_with_one_id_and_other_amounts_are_two() -> None:
    payment, fee = make_row("-10.00"), make_row("-0.50", description="Fee")

    assert match([payment, fee], []) == [NEW, NEW]
    assert match([payment, fee], [payment, fee]) == [SAME, SAME]
    assert match([payment, fee], [payment]) == [SAME, NEW]
    assert match([fee], [payment]) == [CONFLICT]


def test_another_id_is_another_transaction() -> None:
    assert match([make_row(provider_id="F2")], [make_row()]) == [NEW]


def test_description_decides_without_an_id() -> None:
    row = make_row(provider_id=None, description="Coffee  House ")
    same = make_row(provider_id=None, description="COFFEE HOUSE")
    other = make_row(provider_id=None, description="Tea house")

    assert match([same], [row]) == [SAME]
    assert match([other], [row]) == [NEW]


def test_equal_rows_of_one_statement_are_two_transactions() -> None:
    twins = [make_row(provider_id=None), make_row(provider_id=None)]

    assert match(twins, []) == [NEW, NEW]
    assert match(twins, twins) == [SAME, SAME]
    assert match(twins, twins[:1]) == [SAME, NEW]


def test_a_repeated_bank_id_is_a_conflict_and_both_rows_are_stored() -> None:
    assert match([make_row(), make_row()], []) == [NEW, CONFLICT]


def test_a_repeated_bank_id_is_none_where_the_balances_prove_both_rows() -> None:
    rows, nothing = [make_row(), make_row()], MatchContext(known={}, provider_ids=[])

    found = match_rows(rows, transaction_keys(rows), nothing, adds_up=True)

    assert [each.result for each in found] == [NEW, NEW]
    assert match([make_row(), make_row()], [make_row(), make_row()]) == [SAME, SAME]


def test_trailing_zeros_do_not_matter() -> None:
    assert transaction_keys([make_row("-12.50")]) == transaction_keys([make_row("-12.5")])


def test_an_id_is_not_confused_with_a_description() -> None:
    by_id = make_row(provider_id="coffee house")
    by_text = make_row(provider_id=None)

    assert transaction_keys([by_id]) != transaction_keys([by_text])


def test_the_fingerprint_of_version_1_never_changes() -> None:
    rows = [
        make_row(booking_date=date(2026, 3, 1), provider_id=provider_id)
        for provider_id in ("F1", None)
    ]

    assert [key.fingerprint.hex() for key in transaction_keys(rows)] == [
        "a17fe795f9d98dbf0a801624eb19369eb015888c96879a38ab6a5faa13872c89",
        "f3890b83ce7faa56d3910e8d1bd6f286e426a14ebb43af80aa0b08b8cd54d84a",
    ]


def test_the_time_of_day_tells_rows_without_an_id_apart() -> None:
    by_id, by_text = (
        [make_row(provider_id=provider_id, time=time) for time in ("", "09:00:01", "17:30:44")]
        for provider_id in ("F1", None)
    )

    assert len({key.fingerprint for key in transaction_keys(by_id)}) == 1
    assert len({key.fingerprint for key in transaction_keys(by_text)}) == 3


def test_status_changes_only_its_part_of_the_fingerprint() -> None:
    pending = [make_row(pending=True, provider_id=provider_id) for provider_id in ("F1", None)]
    reworded = make_row(pending=True, provider_id="F1", description="Other words", line=99)

    by_id, by_text = (key.fingerprint for key in transaction_keys(pending))

    assert by_id != by_text
    assert transaction_keys([reworded])[0].fingerprint == by_id
    assert by_id not in {each.fingerprint for each in transaction_keys([make_row()])}


rows = st.builds(
    make_row,
    amount=st.sampled_from(["-1.00", "-2.00"]),
    day=st.integers(1, 3),
    provider_id=st.sampled_from([None, "A", "B"]),
    description=st.sampled_from(["Coffee", "Tea"]),
)


@given(st.lists(rows))
def test_importing_twice_adds_nothing(statement: list[StatementRow]) -> None:
    assert match(statement, statement) == [SAME] * len(statement)


@given(st.lists(rows), st.data())
def test_no_row_is_lost_in_any_order(statement: list[StatementRow], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(statement))

    assert sorted(map(repr, transaction_keys(shuffled))) == sorted(
        map(repr, transaction_keys(statement))
    )
    assert len(set(transaction_keys(statement))) == len(statement)


@given(st.lists(rows), st.integers(0, 10))
def test_a_shorter_file_adds_nothing(statement: list[StatementRow], length: int) -> None:
    assert match(statement[:length], statement) == [SAME] * len(statement[:length])
