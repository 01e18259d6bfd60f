"""Reads SimpleFIN in the shapes of version 1 and 2, as servers answer and as programs save it.

Documents that were fetched have a member more, `retrieval`: the days that they list in full.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from adapters.statements import questions
from adapters.statements.dates import YEARS
from adapters.statements.limits import MAX_ID, MAX_ROWS
from adapters.statements.references import without_constant_ids
from adapters.statements.refusals import within_limits
from adapters.statements.simplefin.rows import read_holding, read_row
from adapters.statements.simplefin.text import (
    Element,
    Members,
    Text,
    day,
    institution_of,
    part,
    word,
)
from adapters.statements.text import beginning, decode
from domain.ledger.account_numbers import canonical
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement, too_many
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.kinds import AccountKind, BalanceKind
from domain.ledger.values import (
    AccountReference,
    QuarantinedRow,
    StatedBalance,
    StatedHolding,
    Statement,
    StatementFile,
    StatementRow,
)
from domain.shared.money import Money, is_currency, parse_decimal
from domain.shared.result import Failure, Result

_OWN_NAMES = re.compile(r'"(?:accounts|errlist|sfin-url|balance-date|available-balance)"\s*:')
_UNREADABLE = UnreadableStatement("The file is not what SimpleFIN calls an account set.")
_BALANCES = {"balance": BalanceKind.BOOKED, "available-balance": BalanceKind.AVAILABLE}
NO_CURRENCY = "the account is not in a currency of ISO 4217, but in points or the like"


class SimpleFinReader:
    """`StatementReader` of SimpleFIN 1 and 2."""

    format = "simplefin"

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._max_rows = max_rows

    def recognises(self, head: bytes) -> bool:
        text = beginning(head).lstrip()
        return text[:1] in ("{", "[") and _OWN_NAMES.search(text) is not None

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        decoded = decode(content, hints.encoding)
        if isinstance(decoded, Failure):
            return decoded
        try:
            return _Reading(Text(decoded.value), hints).run(self._max_rows)
        except (ValueError, RecursionError):
            return Failure(_UNREADABLE)


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Which days a document lists in full, and on which of them pending transactions too."""

    first_day: date | None = None
    last_day: date | None = None
    pending_day: date | None = None

    @classmethod
    def of(cls, stated: Members) -> "Retrieval":
        """Read what was noted when the document was fetched; nothing if it is not complete."""
        first, last = (_iso_day(word(stated, name)) for name in ("first_day", "last_day"))
        if stated.get("complete") is not True or first is None or last is None or last < first:
            return cls()
        retrieved = _iso_day(word(stated, "retrieved_at")[:10])
        lists_pending = retrieved is not None and first <= retrieved <= last
        return cls(first, last, retrieved if lists_pending else None)


@dataclass(slots=True)
class _Account:
    """An account of the file, with where it and its rows begin."""

    members: Members
    line: int
    rows: Sequence[tuple[int, Any]] = ()
    holdings: Sequence[tuple[int, Any]] = ()
    reference: AccountReference | str = ""


@dataclass(slots=True)
class _Reading:
    """Reads one file. Accounts that cannot be read do not concern the others."""

    text: Text
    hints: ReadingHints
    connections: dict[str, Members] = field(default_factory=dict)
    retrieval: Retrieval = field(default_factory=Retrieval)
    statements: list[Statement] = field(default_factory=list)
    quarantined: list[QuarantinedRow] = field(default_factory=list)
    unread_holdings: list[QuarantinedRow] = field(default_factory=list)

    def run(self, max_rows: int) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        accounts = [self._account(each) for each in self._accounts()]
        if sum(len(each.rows) + len(each.holdings) for each in accounts) > max_rows:
            return too_many(max_rows)
        self._name(accounts)
        references = [each.reference for each in accounts]
        known = [each for each in references if isinstance(each, AccountReference)]
        asked = questions.asked_at_once(
            lacks_account=not all(each.number for each in known),
            lacks_currency=not all(each.currency for each in known),
        )
        if asked:
            return Failure(HintNeeded.ask(*asked))
        for account in accounts:
            self._add(account)
        return within_limits(
            StatementFile(
                format=SimpleFinReader.format,
                statements=without_constant_ids(self.statements),
                quarantined=self.quarantined,
                unread_holdings=self.unread_holdings,
            )
        )

    def _accounts(self) -> Sequence[Element]:
        """Return the accounts: of an answer, of a list of accounts, or the only one."""
        whole = self.text.whole()
        if isinstance(whole.value, list):
            return list(self.text.elements(whole.start))
        if not isinstance(whole.value, dict):
            raise ValueError("neither an object nor an array")  # noqa: TRY004
        if "accounts" not in whole.value:
            return [whole]
        connections = whole.value.get("connections")
        for each in connections if isinstance(connections, list) else ():
            if isinstance(each, dict):
                self.connections[word(each, "conn_id")] = each
        self.retrieval = Retrieval.of(part(whole.value, "retrieval"))
        start = self.text.members(whole.start)["accounts"]
        if not isinstance(whole.value["accounts"], list):
            raise ValueError("the accounts are not an array")  # noqa: TRY004
        return list(self.text.elements(start))

    def _account(self, stated: Element) -> _Account:
        line = self.text.line_of(stated.start)
        if not isinstance(stated.value, dict):
            return _Account({}, line, reference="the account is not an object")
        if not stated.value.keys() & {"id", "transactions"}:
            return _Account({}, line, reference="the account has neither an id nor transactions")
        begins = self.text.members(stated.start)
        found = dict[str, list[tuple[int, Any]]](transactions=[], holdings=[])
        # In the order of the file, because lines are counted once.
        for name in sorted(found, key=lambda name: begins.get(name, 0)):
            if isinstance(stated.value.get(name), list):
                rows = self.text.elements(begins[name])
                found[name] = [(self.text.line_of(each.start), each.value) for each in rows]
        return _Account(stated.value, line, found["transactions"], found["holdings"])

    def _name(self, accounts: Sequence[_Account]) -> None:
        """Say which account each one is.

        Ids are unique within a connection. Two log-ins at one bank may use one id for two accounts.
        """
        known = [each for each in accounts if not each.reference]
        ids = [(self._institution(each.members), word(each.members, "id")) for each in known]
        used = Counter(ids)
        for each, (institution, number) in zip(known, ids, strict=True):
            connection = word(each.members, "conn_id")
            if connection and used[institution, number] > 1:
                number = f"{connection}-{number}"
            each.reference = self._reference(each, number or self.hints.account)

    def _reference(self, account: _Account, number: str) -> AccountReference | str:
        members = account.members
        institution = self._institution(members)
        if max(len(number), len(institution)) > MAX_ID:
            return f"the account's name is longer than {MAX_ID} characters"
        currency = word(members, "currency").upper()
        if currency and not is_currency(currency):
            # Custom currencies are addresses, where a server describes points or miles.
            return NO_CURRENCY
        return canonical(
            AccountReference(
                kind=AccountKind.INVESTMENT if account.holdings else AccountKind.OTHER,
                number=number,
                institution=institution,
                currency=currency or self.hints.currency or "",
                name=word(members, "name")[:MAX_ID],
            )
        )

    def _institution(self, members: Members) -> str:
        return institution_of(members, self.connections.get(word(members, "conn_id"), {}))

    def _add(self, account: _Account) -> None:
        reference, members = account.reference, account.members
        if isinstance(reference, str):
            lines = [line for line, _ in account.rows] or [account.line]
            self.quarantined += [QuarantinedRow(line, reference) for line in lines]
            self.unread_holdings += [
                QuarantinedRow(line, reference) for line, _ in account.holdings
            ]
            return
        rows, unread = list[StatementRow](), list[QuarantinedRow]()
        stated_day = day(members, "balance-date")
        answered_on = self.retrieval.pending_day or stated_day
        for line, stated in account.rows:
            row = read_row(stated, line, reference.currency, answered_on)
            if isinstance(row, str):
                unread.append(QuarantinedRow(line, row))
            else:
                rows.append(row)
        self.quarantined += unread
        holdings = self._holdings(account, reference.currency, answered_on)
        is_listed = isinstance(members.get("holdings"), list)
        has_all = is_listed and len(holdings) == len(account.holdings)
        self.statements.append(
            Statement(
                account=reference,
                rows=rows,
                balances=_balances(members, reference.currency, stated_day),
                holdings=holdings,
                holdings_day=answered_on if has_all else None,
                report_type=SimpleFinReader.format,
                first_day=self.retrieval.first_day,
                last_day=self.retrieval.last_day,
                pending_day=None if unread else self.retrieval.pending_day,
                pending_apart=True,
                complete=not unread,
            )
        )

    def _holdings(
        self, account: _Account, currency: str, stated_day: date | None
    ) -> list[StatedHolding]:
        holdings = list[StatedHolding]()
        for line, stated in account.holdings:
            holding = read_holding(stated, line, currency, stated_day) if stated_day else "no day"
            if isinstance(holding, str):
                self.unread_holdings.append(QuarantinedRow(line, holding))
            else:
                holdings.append(holding)
        return holdings


def _balances(members: Members, currency: str, stated_day: date | None) -> list[StatedBalance]:
    amounts = {name: parse_decimal(word(members, name)) for name in _BALANCES}
    return [
        StatedBalance(kind=kind, money=Money(amount, currency), day=stated_day)
        for name, kind in _BALANCES.items()
        if stated_day and (amount := amounts[name]) is not None
    ]


def _iso_day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in YEARS else None
