"""Reads the amount of a row, by what the file as a whole shows about signs and fees."""

from collections.abc import Sequence
from functools import lru_cache, partial

from adapters.statements.amounts import DecimalMark
from adapters.statements.csv.amount_columns import tally_signs
from adapters.statements.csv.amounts import SignedAmount, parse_token, read_amount
from adapters.statements.csv.directions import directions_of
from adapters.statements.csv.records import Table
from adapters.statements.csv.signs import Signs
from domain.ledger.hints import CsvColumn, CsvProfile

_CACHED = 4096
_CONTRADICTION = "the amount's sign contradicts its direction"
_UNDECIDED = "neither a sign nor a balance before it tells which way the amount goes"


class AmountReader:
    """Reads the amounts of one file.

    The last cell of a row must be empty: it stands for the columns that the file does not have.
    """

    def __init__(self, table: Table, profile: CsvProfile, signs: Signs) -> None:
        places = {role: profile.columns.get(role, -1) for role in CsvColumn}
        self._amount, self._direction = places[CsvColumn.AMOUNT], places[CsvColumn.DIRECTION]
        self._debit, self._credit = places[CsvColumn.DEBIT], places[CsvColumn.CREDIT]
        self._fee = places[CsvColumn.FEE]
        self._mark = DecimalMark(profile.decimal_mark)
        # Most fees are zero, or one of few.
        self._fees = lru_cache(_CACHED)(partial(read_amount, mark=self._mark))
        self._signs = signs
        amounts = tally_signs(table, self._amount)
        debits, paid_in = (tally_signs(table, at) for at in (self._debit, self._credit))
        fees = tally_signs(table, self._fee)
        self._negative_fees = fees.minus > fees.bare + fees.plus
        has_direction = self._direction >= 0 or (amounts.directed > 0 and amounts.minus > 0)
        self._charges_positive = profile.charges_positive and not has_direction
        self._needs_signs = profile.balance_signs and amounts.is_unsigned
        self._marks_credits = amounts.marks_credits
        self._negative_debits = debits.minus > debits.bare + debits.plus
        self._negative_credits = profile.charges_positive and not (paid_in.bare or paid_in.plus)
        self._directions = directions_of(table, self._direction) if self._direction >= 0 else {}
        self._signed = amounts.minus > 0 and not self._is_turned_round(table)

    def read(self, line: int, cells: Sequence[str]) -> SignedAmount | str:
        """Return the amount of a row with its fee, or the reason why it cannot be decided."""
        found = self._moved(line, cells)
        fee = cells[self._fee]
        return self._with_fee(found, fee) if fee and isinstance(found, SignedAmount) else found

    def _moved(self, line: int, cells: Sequence[str]) -> SignedAmount | str:
        if self._amount < 0:
            return self._debit_or_credit(line, cells[self._debit], cells[self._credit])
        found = self._cell(cells[self._amount])
        if isinstance(found, str):
            return found
        if self._direction >= 0:
            return self._directed(found, cells[self._direction])
        if line in self._signs:
            return self._signed_by_balance(line, found)
        if self._needs_signs and found.amount:
            return _UNDECIDED
        if self._charges_positive and not self._is_marked(cells[self._amount]):
            return SignedAmount(-found.amount, found.currency)
        return found

    def _cell(self, cell: str) -> SignedAmount | str:
        return read_amount(cell, self._mark) if cell else "no amount"

    def _with_fee(self, found: SignedAmount, cell: str) -> SignedAmount | str:
        """Subtract a fee that comes on top of the amount, or add one that is paid back."""
        fee = self._fees(cell)
        if isinstance(fee, str):
            return "the fee is not a number"
        if fee.currency and found.currency and fee.currency != found.currency:
            return "the fee is in another currency than the amount"
        cost = -fee.amount if self._negative_fees else fee.amount
        return SignedAmount(found.amount - cost, found.currency or fee.currency)

    def _is_marked(self, cell: str) -> bool:
        """Say whether the cell marks a credit in a file that does not mark its charges."""
        token = parse_token(cell) if self._marks_credits else None
        return token is not None and token.signed

    def _directed(self, found: SignedAmount, cell: str) -> SignedAmount | str:
        """Give an amount the sign of its direction, which must not contradict its own sign."""
        sign = self._directions.get(cell)
        if sign is None:
            return "the direction is neither debit nor credit"
        directed = -abs(found.amount) if sign == "-" else abs(found.amount)
        if self._signed and directed != found.amount:
            return _CONTRADICTION
        return SignedAmount(directed, found.currency)

    def _is_turned_round(self, table: Table) -> bool:
        """Say whether every sign contradicts its direction: then it says what is owed."""
        if self._direction < 0:
            return False
        for record in table.rows:
            if max(self._amount, self._direction) >= len(record.cells):
                continue
            token = parse_token(record.cells[self._amount].strip())
            cell = record.cells[self._direction].strip()
            sign = self._directions.get(cell)
            if token and sign and not token.is_zero and token.is_negative == (sign == "-"):
                return False
        return True

    def _debit_or_credit(self, line: int, debit_cell: str, credit_cell: str) -> SignedAmount | str:
        """Return the debit or the credit, whichever is present and not zero."""
        if not (debit_cell and credit_cell):
            found = self._cell(debit_cell or credit_cell)
            if isinstance(found, str):
                return found
            return self._debited(line, found) if debit_cell else self._credited(line, found)
        debit, credit = self._cell(debit_cell), self._cell(credit_cell)
        if isinstance(debit, str):
            return debit
        if isinstance(credit, str):
            return credit
        if debit.amount and credit.amount:
            return "the row has both a debit and a credit"
        return self._credited(line, credit) if credit.amount else self._debited(line, debit)

    def _credited(self, line: int, found: SignedAmount) -> SignedAmount:
        """Leave a credit as it is, unless the file writes all of its credits with a minus."""
        if line in self._signs:
            return self._signed_by_balance(line, found)
        return SignedAmount(abs(found.amount), found.currency) if self._negative_credits else found

    def _debited(self, line: int, found: SignedAmount) -> SignedAmount | str:
        """Make a debit negative, unless the file writes most with a minus: others came back."""
        if line in self._signs:
            return self._signed_by_balance(line, found)
        if self._negative_debits:
            return found
        if found.amount < 0:
            return "the debit is negative, and others are not"
        return SignedAmount(-found.amount, found.currency)

    def _signed_by_balance(self, line: int, found: SignedAmount) -> SignedAmount:
        return SignedAmount(found.amount.copy_abs() * self._signs[line], found.currency)
