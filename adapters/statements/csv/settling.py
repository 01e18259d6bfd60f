"""What decides the amounts of a file: directions, fees and signs, with all questions about them."""

from typing import NamedTuple

from adapters.statements.csv.candidates import Columns, FoundColumns
from adapters.statements.csv.directions import find_directions
from adapters.statements.csv.fees import settle_fees
from adapters.statements.csv.records import Table
from adapters.statements.csv.signs import SignRule, decide_signs, may_owe, turned_round
from domain.ledger.hints import CsvColumn, DateOrder, ReadingHints
from domain.ledger.questions import Question
from domain.shared.result import Failure

_SIGNED = {CsvColumn.DIRECTION, CsvColumn.BALANCE}
_MONEY = ({CsvColumn.AMOUNT}, {CsvColumn.DEBIT, CsvColumn.CREDIT})
# Of more columns that may hold the amounts, the first ones show what is open.
_SETTLED = 6


class SettledAmounts(NamedTuple):
    """The columns of amounts and the rule for their signs, unless questions are open.

    `turned_round` is the question to ask if balances fall by what comes in. `may_owe` says whether
    balances may be what is owed.
    """

    columns: Columns
    rule: SignRule = SignRule()
    questions: list[Question] = []
    turned_round: Question | None = None
    may_owe: bool = False

    @property
    def without_questions(self) -> "SettledAmounts":
        return self._replace(questions=[])


def settle_amounts(
    table: Table, found: FoundColumns, mark: str, order: DateOrder, hints: ReadingHints
) -> SettledAmounts:
    """Settle the amounts of a file; of several columns that may hold them, ask what all ask."""
    places = found.options.get(CsvColumn.AMOUNT, ())
    each = [{**found.columns, CsvColumn.AMOUNT: at} for at in places[:_SETTLED]]
    each = each or [found.columns]
    if CsvColumn.DESTINATION in found.columns:
        # The sides of a row say which way its amount goes.
        return SettledAmounts({role: at for role, at in each[0].items() if role not in _SIGNED})
    settled = [_settle(table, columns, mark, order, hints) for columns in each]
    return settled[0] if all(one.questions for one in settled) else settled[0].without_questions


def _settle(
    table: Table, columns: Columns, mark: str, order: DateOrder, hints: ReadingHints
) -> SettledAmounts:
    if CsvColumn.BOOKING_DATE not in columns or not any(each <= columns.keys() for each in _MONEY):
        return SettledAmounts(columns)
    columns = find_directions(table, columns)
    fees = settle_fees(table, columns, mark, hints)
    columns = columns if isinstance(fees, Failure) else fees.value
    rule = decide_signs(table, columns, mark, order, hints)
    asked = [
        question
        for each in (fees, rule)
        if isinstance(each, Failure)
        for question in each.error.questions
    ]
    decided = SignRule() if isinstance(rule, Failure) else rule.value
    # Where charges are positive, the balances may be what is owed.
    question = None if decided.charges_positive else turned_round(table, columns, hints)
    return SettledAmounts(columns, decided, asked, question, may_owe(hints))
