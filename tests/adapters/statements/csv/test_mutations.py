"""Files that are written wrong are read right, asked about, or shown: never untrue in silence."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

import pytest

from adapters.statements.csv.profile import detect_file
from adapters.statements.csv.reader import CsvReader
from adapters.statements.limits import MAX_ROWS
from domain.ledger.hints import ReadingHints
from domain.ledger.kinds import BalanceKind
from domain.ledger.values import Reconciliation, Statement, StatementFile, StatementRow
from domain.shared.result import Failure
from tests.adapters.statements.csv.mutations import (
    DIRECTED,
    MUTATIONS,
    PAIR,
    SIGNED,
    BankFile,
    Entry,
    as_read,
    entries,
    written,
)
from tests.corpus import folder

HINTS = ReadingHints(currency="EUR", account="Household")
FORMS = {"signed": SIGNED, "pair": PAIR, "directed": DIRECTED}
# The bank's own file is read, whatever its form.
SAME = {"as it is", "newest first"}


def shows_it(file: StatementFile) -> bool:
    """Say whether a reader of the statement learns that something is wrong with it."""
    unbalanced = any(each.reconciliation is Reconciliation.UNBALANCED for each in file.statements)
    return unbalanced or bool(file.quarantined)


def is_true(rows: Sequence[StatementRow], booked: Sequence[Entry]) -> bool:
    """Say whether every row is what the bank booked, and none is missing or twice."""
    found = Counter((row.booking_date, row.amount.amount) for row in rows)
    return found == Counter((each.day, each.amount) for each in booked)


def is_oldest(row: StatementRow, statement: Statement) -> bool:
    """Say whether no balance in the file is before a row: what it was cannot be proven then."""
    opening = statement.balance(BalanceKind.OPENING)
    before = None if row.balance is None else row.balance - row.amount.amount
    return opening is not None and opening.money.amount == before


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_file_that_is_written_wrong_is_never_untrue_in_silence(mutation: str, form: str) -> None:
    silent = []
    for seed in range(20):
        chance = random.Random(f"{seed}")
        booked = entries(chance, chance.choice((3, 4, 6, 9, 15, 40)))
        text = MUTATIONS[mutation](written(booked, FORMS[form])).text
        result = CsvReader().read(text.encode(), HINTS)
        if isinstance(result, Failure):
            assert mutation not in SAME, result.error.detail
            continue
        rows = rows_of(result.value)
        if not is_true(rows, booked) and not shows_it(result.value):
            silent.append(text)
        if mutation in SAME:
            assert is_true(rows, booked)
    assert not silent, silent[0]


#: What a sample does not show on its own: its dates have another form, or its texts have commas.
_NOT_OF_SAMPLES = {"month before day", "day before month", "commas without quotes"}


def samples() -> Iterator[tuple[StatementFile, BankFile]]:
    """Yield the files of real banks whose balances prove at least three rows."""
    for path in sorted((folder() / "csv").glob("*.csv")):
        content = path.read_bytes()
        file, detected = CsvReader().read(content, HINTS), detect_file(content, HINTS, MAX_ROWS)
        if isinstance(file, Failure) or isinstance(detected, Failure):
            continue
        proven = [
            each.reconciliation is Reconciliation.BALANCED and len(each.rows) > 2
            for each in file.value.statements
        ]
        if proven and all(proven) and not file.value.quarantined:
            yield file.value, as_read(detected.value)


@pytest.mark.parametrize("mutation", sorted(MUTATIONS.keys() - _NOT_OF_SAMPLES))
def test_a_real_file_that_is_written_wrong_is_never_untrue_in_silence(mutation: str) -> None:
    found = list(samples())
    if not found:
        pytest.skip("no collection of real statement files is here: CORPUS says where one is")
    silent = 0
    for file, own in found:
        result = CsvReader().read(MUTATIONS[mutation](own).text.encode(), HINTS)
        if isinstance(result, Failure) or shows_it(result.value):
            continue
        oldest = {
            row.balance for each in file.statements for row in each.rows if is_oldest(row, each)
        }
        # What nothing before it proves may be missing, or another amount.
        booked, rows = rows_of(file), rows_of(result.value)
        silent += not is_true(rows, entries_of(booked)) and not is_true(
            [row for row in rows if row.balance not in oldest],
            entries_of(row for row in booked if row.balance not in oldest),
        )
    assert not silent


def rows_of(file: StatementFile) -> list[StatementRow]:
    return [row for statement in file.statements for row in statement.rows]


def entries_of(rows: Iterable[StatementRow]) -> list[Entry]:
    return [
        Entry(row.booking_date, row.description, row.amount.amount, row.balance or Decimal(0))
        for row in rows
    ]


def test_the_balances_of_the_bank_follow() -> None:
    booked = entries(random.Random("1"), 20)

    assert all(before.balance + after.amount == after.balance for before, after in pairwise(booked))
    assert len({each.amount > Decimal(0) for each in booked}) == 2
