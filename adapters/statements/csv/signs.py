"""Which way amounts go: what balances, marks and texts show about signs, or what to ask."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from adapters.statements.csv.amount_columns import (
    BalancePoint,
    Columns,
    SignTally,
    points_of,
    tally_signs,
)
from adapters.statements.csv.before import signs_before
from adapters.statements.csv.dates import parse_date
from adapters.statements.csv.kinds import kinds_are_as_written, kinds_are_turned_round
from adapters.statements.csv.payments import (
    is_plain_payment,
    is_refund,
    names_income,
    thank_for_payment,
    thanks_for_payment,
)
from adapters.statements.csv.questions import label
from adapters.statements.csv.records import Record, Table
from adapters.statements.csv.running import Point, follow_as_written
from adapters.statements.csv.titles import stated_account
from adapters.statements.csv.words import FEES, PURCHASES, names_balance, names_card
from adapters.statements.questions import shown
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import CsvColumn, CsvProfile, DateOrder, ReadingHints
from domain.ledger.questions import Asked, Question, column_field
from domain.shared.result import Failure, Result, Success

#: The signs of amounts, by the lines of their rows.
Signs = Mapping[int, int]
#: The values of rows.
Rows = Sequence[Sequence[str]]

# So many steps in one direction count for more than an answer.
_ENOUGH_STEPS = 3
# An account with so many amounts, so many times more of which come in than go out, may be a card.
# One of a shop pays fees, and gives little back.
_MANY, _MANY_OF_SHOPS, _MOST = 3, 5, 2
_EXAMPLES = 5
_UNSIGNED = "No amount under “{name}” has a sign: say whether charges are positive."
_LIKE_CHARGES = (
    "The amounts under “{name}” may be charges that are written without a minus:"
    " say whether charges are positive."
)
_TURNED_ROUND = (
    "The balances under “{balance}” fall by the amounts under “{name}” that have no minus, and rise"
    " by those that have one: say whether charges are positive."
)
_PAIR_TURNED_ROUND = (
    "The balances under “{balance}” rise by what is under “{0}” and fall by what is under “{1}”:"
    " say which column holds money that leaves the account."
)
_NEGATIVE_CREDITS = (
    "All amounts under “{name}” have a minus: say whether charges are positive,"
    " which makes these payments, or not, which makes them credits that were undone."
)


class SignRule(NamedTuple):
    """What decides the signs of a file: a rule for all of its amounts, and balances for some."""

    charges_positive: bool = False
    signs: Signs = {}


def lacks_signs(table: Table, columns: Columns) -> bool:
    """Say whether amounts have neither a sign nor a column that gives their direction."""
    if CsvColumn.AMOUNT not in columns or CsvColumn.DIRECTION in columns:
        return False
    return tally_signs(table, columns[CsvColumn.AMOUNT]).is_unsigned


def lists_purchases(table: Table) -> bool:
    """Say whether the file lists purchases: its balance may be what is owed."""
    if set(" ".join(table.names).split()) & PURCHASES:
        return True
    return any(names_card(cell) for record in table.above for cell in record.cells)


def _names_fees(table: Table) -> bool:
    """Say whether a heading names fees, as those of shops do that list what they sold."""
    return not FEES.isdisjoint(table.names)


def decide_signs(
    table: Table, columns: Columns, mark: str, order: DateOrder, hints: ReadingHints
) -> Result[SignRule, HintNeeded]:
    """Return what the file shows about its signs; a hint answers only what it leaves open."""
    if CsvColumn.AMOUNT not in columns:
        return _of_pair(table, columns, mark, order, hints)
    if CsvColumn.DIRECTION in columns:
        return Success(SignRule())
    amount = columns[CsvColumn.AMOUNT]
    tally = tally_signs(table, amount)
    if tally.is_unsigned:
        signs = signs_from_balances(table, columns, mark, order)
        # One way alone does not say which way the first row went.
        is_settled = len(signs) >= tally.bare or len(set(signs.values())) > 1
        if hints.charges_positive is None and not is_settled:
            likely = "true" if _is_card(table, hints) else None
            return _asked(table, amount, _UNSIGNED, likely)
        return Success(SignRule(bool(hints.charges_positive), signs))
    if tally.marks_credits or tally.directed:
        return Success(SignRule(tally.marks_credits and tally.bare > 0))
    return _of_signed(table, columns, mark, tally, hints)


def may_owe(hints: ReadingHints) -> bool:
    """Say whether somebody has said which way the amounts go, whatever the balances say."""
    named = {CsvColumn.DEBIT, CsvColumn.CREDIT} & hints.columns.keys()
    return hints.charges_positive is not None or bool(named)


def turned_round(table: Table, columns: Columns, hints: ReadingHints) -> Question | None:
    """Return the question to ask if balances fall by what comes in: it may be owed, or paid."""
    if CsvColumn.BALANCE not in columns or CsvColumn.DIRECTION in columns:
        return None
    balance = label(table, columns[CsvColumn.BALANCE])
    if CsvColumn.AMOUNT in columns:
        if hints.charges_positive is not None:
            return None
        reason = _TURNED_ROUND.format(balance=balance, name="{name}")
        return _question(table, columns[CsvColumn.AMOUNT], reason, "true")
    if {CsvColumn.DEBIT, CsvColumn.CREDIT} & hints.columns.keys():
        return None
    names = [label(table, columns[role]) for role in (CsvColumn.DEBIT, CsvColumn.CREDIT)]
    return Question(
        field=column_field(CsvColumn.DEBIT),
        reason=_PAIR_TURNED_ROUND.format(*names, balance=balance),
        options=names,
        suggestion=names[0],
        columns=[*names, balance],
        examples=_examples(table),
    )


def _of_signed(
    table: Table, columns: Columns, mark: str, tally: SignTally, hints: ReadingHints
) -> Result[SignRule, HintNeeded]:
    """Amounts with signs mean what they say, unless they are charges of a card."""
    amount, rising, falling = columns[CsvColumn.AMOUNT], tally.bare + tally.plus, tally.minus
    answer, has_balance = hints.charges_positive, CsvColumn.BALANCE in columns
    negative, others = _by_minus(table, amount)
    payments = _payments(negative, others) if rising else 0
    if answer is None and payments >= falling > 0 and not has_balance:
        return Success(SignRule(charges_positive=True))
    # A shop that pays fees gives money back: that goes out.
    is_shop = _names_fees(table)
    is_list = rising and falling and not (has_balance or is_shop)
    texts = [columns.get(role, -1) for role in (CsvColumn.DESCRIPTION, CsvColumn.MEMO)]
    if is_list and kinds_are_turned_round(table, amount, texts):
        return Success(SignRule(charges_positive=True))
    if answer is None and is_list and kinds_are_as_written(table, amount, texts):
        return Success(SignRule())
    back = thanks_for_payment if is_shop else _comes_back
    only_back = rising > 0 and _are_distinct(negative, others, back)
    paid = only_back or (rising > 0 and _are_distinct(negative, others, is_plain_payment, back))
    is_card = only_back or (_is_card(table, hints) and rising > 0 and (paid or rising > falling))
    is_card |= paid and rising > falling and _may_be_card(table, columns, others, hints)
    least = _MANY_OF_SHOPS if is_shop else _MANY
    mostly = rising + falling >= least and rising >= _MOST * falling
    mostly = mostly and not (_is_income(others) or _follows(table, columns, mark, -1))
    is_open = is_card or mostly or (paid and rising > falling) or payments > 0
    follows = (is_open or bool(answer)) and _follows(table, columns, mark)
    if follows and not is_card:
        return Success(SignRule())
    if answer is not None:
        # Where no balance contradicts it, nobody knows better.
        return Success(SignRule(answer))
    if not is_open:
        return Success(SignRule())
    # More that comes in than goes out may be that of any account: only words say that it is a card.
    is_likely = not follows and (is_card or (paid and rising > falling))
    return _asked(table, amount, _LIKE_CHARGES, "true" if is_likely else None)


def _is_card(table: Table, hints: ReadingHints) -> bool:
    return names_card(hints.account) or lists_purchases(table)


def _may_be_card(table: Table, columns: Columns, others: Rows, hints: ReadingHints) -> bool:
    """Say whether an account that nothing names, or of which this was asked, may be a card's."""
    if CsvColumn.ACCOUNT in columns or stated_account(table.above) or _is_income(others):
        return False
    return not hints.account or hints.charges_positive is not None


def _comes_back(row: Sequence[str]) -> bool:
    return is_refund(row) or thanks_for_payment(row)


def _are_distinct(negative: Rows, others: Rows, *speaks: Callable[[Sequence[str]], bool]) -> bool:
    """Say whether the texts of all rows with a minus speak so, and those of no other row."""
    # Most files end here, with the first of them.
    if not negative or not all(any(each(cells) for each in speaks) for cells in negative):
        return False
    return not any(each(cells) for cells in others for each in speaks)


def _is_income(rows: Rows) -> bool:
    """Say whether a text in these rows names income, or a balance."""
    return any(names_income(row) or any(map(names_balance, row)) for row in rows)


def _follows(table: Table, columns: Columns, mark: str, way: int = 1) -> bool:
    """Say whether the balances follow from the amounts as they are, or turned round by -1."""
    if CsvColumn.BALANCE not in columns:
        return False
    runs = points_of(table, columns, mark)
    return follow_as_written(
        [Point(way * (each.amount or Decimal(0)) - each.fee, each.balance) for each in run]
        for run in runs
    )


def _of_pair(
    table: Table, columns: Columns, mark: str, order: DateOrder, hints: ReadingHints
) -> Result[SignRule, HintNeeded]:
    """Debits and credits are what their headings say; a minus among them has to be explained."""
    credit = columns[CsvColumn.CREDIT]
    tally = tally_signs(table, credit)
    all_negative = tally.minus > 0 and not tally.bare + tally.plus
    signs = signs_from_balances(table, columns, mark, order)
    if not all_negative:
        return Success(SignRule(signs=signs))
    of_credits = [signs[line] for line in _negative_lines(table, credit) if line in signs]
    if of_credits:
        return Success(SignRule(1 in of_credits, signs))
    if _payments(*_by_minus(table, credit)):
        return Success(SignRule(charges_positive=True))
    if hints.charges_positive is None:
        return _asked(table, credit, _NEGATIVE_CREDITS, "true")
    return Success(SignRule(hints.charges_positive))


def _negative_lines(table: Table, column: int) -> set[int]:
    return {row.line for row in table.rows if _may_be_negative(row, column)}


def _by_minus(table: Table, amount: int) -> tuple[Rows, Rows]:
    """Return the values of the rows that may have a minus, and those of all others."""
    found: tuple[list[Sequence[str]], list[Sequence[str]]] = [], []
    for row in table.rows:
        found[not _may_be_negative(row, amount)].append(row.cells)
    return found


def _payments(negative: Rows, others: Rows) -> int:
    """Count the rows with a minus that thank for a payment, unless others do so too."""
    payments = len(thank_for_payment(negative))
    return 0 if payments and thank_for_payment(others) else payments


def _may_be_negative(record: Record, at: int) -> bool:
    cell = record.cells[at] if at < len(record.cells) else ""
    return "-" in cell or "(" in cell or "−" in cell or "–" in cell


def _asked(table: Table, column: int, reason: str, suggestion: str | None) -> Failure[HintNeeded]:
    return Failure(HintNeeded.ask(_question(table, column, reason, suggestion)))


def _question(table: Table, column: int, reason: str, suggestion: str | None) -> Question:
    name = label(table, column)
    return Question(
        field=Asked.CHARGES_POSITIVE,
        reason=reason.format(name=name),
        options=["true", "false"],
        suggestion=suggestion,
        columns=[name],
        examples=_examples(table),
    )


def _examples(table: Table) -> list[str]:
    return shown([" · ".join(filter(None, row.cells)) for row in table.rows[:_EXAMPLES]])


# --- Signs from a running balance -----------------------------------------------------------------


def signs_from_balances(table: Table, columns: Columns, mark: str, order: DateOrder) -> Signs:
    """Return the sign of every row whose own is unclear, and whose balance moves by its amount."""
    is_pair = CsvColumn.AMOUNT not in columns
    unclear = _unclear_of_pair(table, columns) if is_pair else None
    if CsvColumn.BALANCE not in columns or not (
        unclear if is_pair else lacks_signs(table, columns)
    ):
        return {}
    runs = points_of(table, columns, mark)
    found = partial(_signs, is_unsigned=not is_pair)
    signs = {line: sign for run in runs for line, sign in found(run, order).items()}
    if unclear is not None:
        return {line: sign for line, sign in signs.items() if line in unclear}
    if 1 in signs.values() and lists_purchases(table):
        return {}
    paid = {row.line for row in table.rows if signs.get(row.line) == -1}
    if thank_for_payment(row.cells for row in table.rows if row.line in paid):
        # The balance is what is owed: a payment lowers it.
        return {line: -sign for line, sign in signs.items()}
    return signs


def _unclear_of_pair(table: Table, columns: Columns) -> set[int]:
    """Return the lines of credits with a minus, and of debits with one where others have none."""
    debit, credit = columns[CsvColumn.DEBIT], columns[CsvColumn.CREDIT]
    tally = tally_signs(table, debit)
    is_mixed = tally.minus > 0 and tally.bare + tally.plus > 0
    found = _negative_lines(table, debit) if is_mixed else set()
    return found | _negative_lines(table, credit) if tally_signs(table, credit).minus else found


def with_signs(profile: CsvProfile, signs: Signs, table: Table) -> CsvProfile:
    """Return the profile, with its rule for signs replaced by what the balances prove, if they do.

    Balances that move both ways decide each row; enough that move one way decide them all.
    """
    ways = set(signs.values())
    if CsvColumn.AMOUNT not in profile.columns:
        return profile
    if len(ways) > 1:
        return replace(profile, balance_signs=True, charges_positive=False)
    moved = tally_signs(table, profile.columns[CsvColumn.AMOUNT]).bare
    if not ways or len(signs) < min(_ENOUGH_STEPS, moved) or profile.balance_signs:
        return profile
    return replace(profile, charges_positive=-1 in ways)


def _signs(run: Sequence[BalancePoint], order: DateOrder, *, is_unsigned: bool) -> Signs:
    """Read the run downwards or upwards, whichever lets more balances follow from each other."""
    before = signs_before(run, order) if is_unsigned else None
    if before:
        return before
    down, up = _followed(run), _followed(run[::-1])
    if len(down) == len(up) and down != up:
        first, last = (parse_date(run[end].dated, order) for end in (0, -1))
        if first is None or last is None or first == last:
            return {}
        best = down if first < last else up
    else:
        best = max(down, up, key=len)
    enough = len(best) * 2 > len(run) - 1
    return {line: sign for line, sign in best.items() if sign} if enough else {}


def _followed(run: Sequence[BalancePoint]) -> dict[int, int]:
    """Return the sign of each row whose amount leads from the previous balance to its own."""
    found: dict[int, int] = {}
    for number, point in enumerate(run[1:]):
        if point.amount is None:
            continue
        step, size = point.balance - run[number].balance, abs(point.amount)
        if step in (size - point.fee, -size - point.fee):
            found[point.line] = 1 if step == size - point.fee and size else -1 if size else 0
    return found
