"""Converts the draft of an OFX statement into a statement and its quarantined rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from adapters.statements.amounts import DecimalMark, parse_amount
from adapters.statements.limits import MAX_ID
from adapters.statements.ofx.draft import Draft
from adapters.statements.ofx.investments import Securities, read_holding
from adapters.statements.ofx.rows import read_rows
from adapters.statements.ofx.signs import owed, with_minus
from adapters.statements.ofx.text import parse_day
from domain.ledger.account_numbers import canonical
from domain.ledger.hints import ReadingHints
from domain.ledger.kinds import AccountKind, BalanceKind
from domain.ledger.values import (
    AccountReference,
    QuarantinedRow,
    StatedBalance,
    StatedHolding,
    Statement,
    StatementRow,
)
from domain.shared.money import Money, is_currency

# OFX 2.2, section 11.3.1.2
ACCOUNT_TYPES = {
    "CHECKING": AccountKind.CHECKING,
    "SAVINGS": AccountKind.SAVINGS,
    "MONEYMRKT": AccountKind.MONEY_MARKET,
    "CREDITLINE": AccountKind.CREDIT_LINE,
    "CD": AccountKind.CERTIFICATE_OF_DEPOSIT,
}
BALANCES = {
    "LEDGERBAL": BalanceKind.BOOKED,
    "AVAILBAL": BalanceKind.AVAILABLE,
    "INVBAL": BalanceKind.AVAILABLE,
}
# What is written without a minus beside charges without one is owed to these.
_OWING = {AccountKind.CREDIT_CARD, AccountKind.CREDIT_LINE}
_FIRST_YEAR = 1900


def read_account(
    draft: Draft, sign_on: Mapping[str, str], hints: ReadingHints
) -> AccountReference | str:
    """Return the account of the statement, or the reason why its rows cannot be read.

    Its number and its currency are empty if neither the file nor a hint says them.
    """
    outside = sign_on if draft.is_outside else {}
    currency = _first(draft.leaves.get("CURDEF"), outside.get("CURDEF")).upper()
    number = _first(draft.account.get("ACCTID"), outside.get("ACCTID"), hints.account)
    if draft.kind is None:
        return "the row is not in a statement of a supported kind"
    institution = _institution(draft, sign_on)
    routing_number = draft.account.get("BANKID", "")
    if max(map(len, (number, institution, routing_number))) > MAX_ID:
        return f"the account's name is longer than {MAX_ID} characters"
    return canonical(
        AccountReference(
            kind=ACCOUNT_TYPES.get(draft.account.get("ACCTTYPE", "").upper(), draft.kind),
            number=number,
            institution=institution,
            routing_number=routing_number,
            currency=currency if is_currency(currency) else hints.currency or "",
        )
    )


def _first(*texts: str | None) -> str:
    return next(filter(None, texts), "")


def _institution(draft: Draft, sign_on: Mapping[str, str]) -> str:
    """Return the name of the institution; a code of digits alone is none, if the bank has another.

    Brokers are known by their domain.
    """
    bank = draft.account.get("BANKID", "")
    code = sign_on.get("FID") if not bank else "" if bank.isdigit() else bank
    return _first(draft.account.get("BROKERID"), sign_on.get("ORG"), code)


@dataclass
class Statements:
    """Collects the statements of a file, with the rows and holdings that cannot be read.

    `made_on` is the day on which the file was made. With `charges_positive`, debits that have no
    minus go out all the same, and the balance of a card beside them is what is owed.
    """

    mark: DecimalMark
    securities: Securities
    made_on: date | None = None
    charges_positive: bool = False
    statements: list[Statement] = field(default_factory=list)
    quarantined: list[QuarantinedRow] = field(default_factory=list)
    unread_holdings: list[QuarantinedRow] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.statements or self.quarantined or self.unread_holdings)

    def add(self, draft: Draft, account: AccountReference | str) -> None:
        """Add a statement; if `account` is a reason, its rows are quarantined with that reason."""
        if isinstance(account, str):
            self.quarantined += [QuarantinedRow(row.line, account) for row in draft.rows]
            self.unread_holdings += [QuarantinedRow(row.line, account) for row in draft.positions]
            return
        written, unread = read_rows(draft.rows, account.currency, self.mark, self.securities)
        self.quarantined += unread
        rows = with_minus(written, draft.rows) if self.charges_positive else written
        holdings = self._holdings(draft, account.currency)
        stated = [
            self._balance(name, leaves, draft, account.currency) for name, leaves in draft.balances
        ]
        balances = [balance for balance in stated if balance is not None]
        if rows != written and account.kind in _OWING:
            balances = owed(balances, rows)
        has_all_holdings = draft.lists_positions and len(holdings) == len(draft.positions)
        self.statements.append(
            Statement(
                account=account,
                rows=rows,
                balances=balances,
                holdings=holdings,
                holdings_day=day_of(draft.leaves, "DTASOF") if has_all_holdings else None,
                report_type="ofx",
                pending_day=self._pending_day(draft, rows),
                first_day=day_of(draft.period, "DTSTART"),
                last_day=day_of(draft.period, "DTEND"),
                complete=not unread,
            )
        )

    def _holdings(self, draft: Draft, currency: str) -> list[StatedHolding]:
        holdings: list[StatedHolding] = []
        day = day_of(draft.leaves, "DTASOF") or "no day"
        for source in draft.positions:
            holding = read_holding(source, currency, day, self.mark, self.securities)
            if isinstance(holding, str):
                self.unread_holdings.append(QuarantinedRow(source.line, holding))
            else:
                holdings.append(holding)
        return holdings

    def _pending_day(self, draft: Draft, rows: Sequence[StatementRow]) -> date | None:
        """Return the day for which all pending rows are listed, if all of them can be read."""
        listed = sum(source.tag == "STMTTRNP" for source in draft.rows)
        if draft.pending is None or listed > sum(row.pending for row in rows):
            return None
        return day_of(draft.pending, "DTASOF") or self.made_on

    def _balance(
        self, name: str, leaves: dict[str, str], draft: Draft, currency: str
    ) -> StatedBalance | None:
        """Return a stated balance, or None if it is empty or invalid."""
        amount = parse_amount(leaves.get("BALAMT") or leaves.get("AVAILCASH", ""), self.mark)
        # The dates within INVBAL belong to further balances.
        own_day = None if name == "INVBAL" else day_of(leaves, "DTASOF")
        day = own_day or day_of(draft.leaves, "DTASOF") or day_of(draft.period, "DTEND")
        day = day or self.made_on
        if isinstance(amount, str) or day is None:
            return None
        return StatedBalance(kind=BALANCES[name], money=Money(amount, currency), day=day)


def day_of(leaves: Mapping[str, str], name: str) -> date | None:
    """Return the day of a leaf, unless it has none: some programs write zeros or the year 1."""
    day = parse_day(leaves.get(name, ""))
    return None if isinstance(day, str) or day.year < _FIRST_YEAR else day
