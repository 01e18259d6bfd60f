"""A statement format of the tests' own with positions."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.kinds import AccountKind, BalanceKind, TransactionKind
from domain.ledger.values import (
    AccountReference,
    Security,
    StatedBalance,
    StatedHolding,
    Statement,
    StatementFile,
    StatementRow,
)
from domain.shared.money import Money
from domain.shared.result import Result, Success


class PositionReader:
    """Reads `POSITIONS number kind currency day` (`-` where the list is not complete), and lines:

    `balance kind amount day`, `row day amount id`, `holding number quantity value` (`-` for none).
    """

    format = "positions"

    def recognises(self, head: bytes) -> bool:
        return head.startswith(b"POSITIONS ")

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        head, *lines = content.decode().splitlines()
        _, number, kind, currency, day = head.split()
        positions = [(at, *_words(line)) for at, line in enumerate(lines, start=2)]
        listed = None if day == "-" else date.fromisoformat(day)
        statement = Statement(
            account=AccountReference(
                kind=AccountKind(kind), number=number, institution="Southbroker", currency=currency
            ),
            rows=[_row(at, rest, currency) for at, what, rest in positions if what == "row"],
            balances=[_balance(rest, currency) for _, what, rest in positions if what == "balance"],
            holdings=[
                _holding(at, rest, currency, listed or date(2026, 3, 1))
                for at, what, rest in positions
                if what == "holding"
            ],
            holdings_day=listed,
        )
        return Success(StatementFile(format=self.format, statements=[statement]))


def _words(line: str) -> tuple[str, list[str]]:
    what, *rest = line.split()
    return what, rest


def _row(line: int, words: Sequence[str], currency: str) -> StatementRow:
    day, amount, provider_id = words
    return StatementRow(
        line=line,
        provider_id=provider_id,
        booking_date=date.fromisoformat(day),
        amount=Money(Decimal(amount), currency),
        kind=TransactionKind.OTHER,
        description="movement",
    )


def _balance(words: Sequence[str], currency: str) -> StatedBalance:
    kind, amount, day = words
    money = Money(Decimal(amount), currency)
    return StatedBalance(kind=BalanceKind(kind), money=money, day=date.fromisoformat(day))


def _holding(line: int, words: Sequence[str], currency: str, day: date) -> StatedHolding:
    number, quantity, value = words
    return StatedHolding(
        line=line,
        security=Security(scheme="ISIN", number=number, name=f"Fund {number}", ticker="FND"),
        quantity=Decimal(quantity),
        value=None if value == "-" else Money(Decimal(value), currency),
        day=day,
    )
