"""A statement format of the tests' own, with an opening and a closing balance."""

from datetime import date
from decimal import Decimal

from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.kinds import BalanceKind, TransactionKind
from domain.ledger.values import StatedBalance, Statement, StatementFile, StatementRow
from domain.shared.money import Money
from domain.shared.result import Result, Success
from tests.factories import make_reference


class PlainReader:
    """Reads `PLAIN opening closing`, then `date amount id text` line by line: one account."""

    format = "plain"

    def recognises(self, head: bytes) -> bool:
        return head.startswith(b"PLAIN ")

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        head, *lines = content.decode().splitlines()
        _, opening, closing = head.split()
        rows = [self._row(number, line) for number, line in enumerate(lines, start=2)]
        last = max(row.booking_date for row in rows)
        statement = Statement(
            account=make_reference(),
            rows=rows,
            balances=[
                StatedBalance(kind=kind, money=Money(Decimal(amount), "EUR"), day=last)
                for kind, amount in ((BalanceKind.OPENING, opening), (BalanceKind.BOOKED, closing))
            ],
        )
        return Success(StatementFile(format=self.format, statements=[statement]))

    def _row(self, number: int, line: str) -> StatementRow:
        day, amount, provider_id, text = line.split(maxsplit=3)
        return StatementRow(
            line=number,
            provider_id=provider_id,
            booking_date=date.fromisoformat(day),
            amount=Money(Decimal(amount), "EUR"),
            kind=TransactionKind.OTHER,
            description=text,
        )
