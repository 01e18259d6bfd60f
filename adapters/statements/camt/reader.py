"""Reads camt messages: one row for each entry, whether or not it is a batch."""

import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from adapters.statements import questions
from adapters.statements.camt.balances import read_balances
from adapters.statements.camt.entries import day_of, read_entry
from adapters.statements.camt.pages import balances_of_page, joined, number_of
from adapters.statements.camt.stream import Draft, OtherEncoding, Refused, Stream, TooMany
from adapters.statements.iso20022 import as_day
from adapters.statements.limits import MAX_ID, MAX_ROWS
from adapters.statements.references import without_constant_ids
from adapters.statements.text import decode
from domain.ledger.account_numbers import canonical
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement, too_many
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.kinds import AccountKind, BalanceKind
from domain.ledger.values import (
    AccountReference,
    QuarantinedRow,
    Reconciliation,
    StatedBalance,
    Statement,
    StatementFile,
    StatementRow,
)
from domain.shared.money import is_currency
from domain.shared.result import Failure, Result, Success

_MESSAGE = re.compile(rb"BkToCstmr|camt\.05[234]")
# The encoding that an XML declaration states is within so many bytes.
_ENCODING, _HEAD = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([\w.-]+)"), 200
REPORT_TYPES = {"Rpt": "camt.052", "Stmt": "camt.053", "Ntfctn": "camt.054"}


class CamtReader:
    """`StatementReader` of camt.052, camt.053 and camt.054."""

    format = "camt"

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._max_rows = max_rows

    def recognises(self, head: bytes) -> bool:
        return b"<" in head and _MESSAGE.search(head.replace(b"\0", b"")) is not None

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        content = _trimmed(content)
        try:
            return self._read(content, hints, "utf-8" if _is_utf_8(content) else None)
        except OtherEncoding as refused:
            if _decodes(content):
                return Failure(UnreadableStatement(str(refused)))
        # The bytes are in no encoding that the file states.
        text = decode(content, hints.encoding)
        if isinstance(text, Failure):
            return text
        try:
            return self._read(text.value.encode(), hints, "utf-8")
        except OtherEncoding as refused:
            return Failure(UnreadableStatement(str(refused)))

    def _read(
        self, content: bytes, hints: ReadingHints, encoding: str | None
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        stream = Stream(self._max_rows, encoding)
        try:
            stream.read(content)
        except OtherEncoding:
            raise
        except Refused as refused:
            return Failure(UnreadableStatement(str(refused)))
        except TooMany as many:
            return too_many(many.most, many.things)
        if not stream.is_message:
            return Failure(UnreadableStatement("The XML is no camt.052, camt.053 or camt.054."))
        return _file(stream.drafts, hints)


def _trimmed(content: bytes) -> bytes:
    """Return an XML without what is around it: nothing may stand before its declaration."""
    content = content.removeprefix(BOM_UTF8).lstrip()
    return content if b"\0" in content[:_HEAD] else content.rstrip(b"\0\x1a \t\r\n")


def _is_utf_8(content: bytes) -> bool:
    """Return whether a file is UTF-8 although it states another encoding.

    A text with other letters than those of ASCII is not UTF-8 by chance.
    """
    stated = _ENCODING.search(content[:_HEAD])
    return stated is not None and stated[1].lower() != b"utf-8" and _decodes(content)


def _decodes(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _file(
    drafts: Sequence[Draft], hints: ReadingHints
) -> Result[StatementFile, UnreadableStatement]:
    statements: list[Statement] = []
    quarantined: list[QuarantinedRow] = []
    accounts = [(draft, _account(draft, hints)) for draft in joined(drafts)]
    known = [each for _, each in accounts if isinstance(each, AccountReference)]
    asked = questions.asked_at_once(
        lacks_account=not all(each.number for each in known),
        lacks_currency=not all(each.currency for each in known),
    )
    if asked:
        return Failure(HintNeeded.ask(*asked))
    for draft, account in accounts:
        if isinstance(account, str):
            quarantined += [QuarantinedRow(entry.line, account) for entry in draft.entries]
            continue
        statement, refused = _statement(draft, account)
        statements.append(statement)
        quarantined += refused
    return Success(
        StatementFile(
            format=CamtReader.format,
            statements=without_constant_ids(statements),
            quarantined=quarantined,
        )
    )


def _statement(
    draft: Draft, account: AccountReference
) -> tuple[Statement, Sequence[QuarantinedRow]]:
    rows: list[StatementRow] = []
    refused: list[QuarantinedRow] = []
    balances = read_balances(draft, account.currency)
    dated = all(day_of(each.leaves, "Dt") for each in draft.balances)
    only_day = _only_day(balances) if dated else None
    for entry in draft.entries:
        row = read_entry(entry, account.currency, only_day)
        if isinstance(row, str):
            refused.append(QuarantinedRow(entry.line, row))
        else:
            rows.append(row)
    own = draft.own.leaves
    statement = Statement(
        account=account,
        rows=rows,
        balances=balances,
        number=number_of(draft)[:MAX_ID],
        report_type=REPORT_TYPES[draft.element],
        first_day=as_day(own.get("FrToDt.FrDtTm", "")),
        last_day=as_day(own.get("FrToDt.ToDtTm", "")),
        complete=not refused,
    )
    if statement.reconciliation is Reconciliation.UNBALANCED:
        # Some banks state the balances of the whole statement on each of its pages.
        statement = replace(statement, balances=balances_of_page(draft, balances))
    return statement, refused


def _account(draft: Draft, hints: ReadingHints) -> AccountReference | str:
    """Return the account of the statement, or the reason why it cannot be identified.

    Its currency, too, is empty if nothing states it.
    """
    leaves = draft.account.leaves
    number = leaves.get("Id.IBAN") or leaves.get("Id.Othr.Id") or leaves.get("Id.PrtryAcct.Id")
    currency = _currency(draft) or hints.currency or ""
    bank = "Svcr.FinInstnId"
    names = (f"{bank}.BICFI", f"{bank}.BIC", f"{bank}.Nm", f"{bank}.ClrSysMmbId.MmbId")
    institution = next((leaves[name] for name in names if leaves.get(name)), "")
    if max(len(number or ""), len(institution)) > MAX_ID:
        return f"the account's name is longer than {MAX_ID} characters"
    return canonical(
        AccountReference(
            kind=AccountKind.CHECKING,
            number=number or hints.account,
            institution=institution,
            currency=currency,
        )
    )


def _currency(draft: Draft) -> str:
    """Return the account's currency, else that of the first balance or entry."""
    currencies = [draft.account.leaves.get("Ccy", "")]
    currencies += [part.leaves.get("Amt@Ccy", "") for part in (*draft.balances, *draft.entries)]
    return next((each.upper() for each in currencies if is_currency(each.upper())), "")


def _only_day(balances: Sequence[StatedBalance]) -> date | None:
    """Return the day of a daily statement, on which all of its entries are booked."""
    bounds = (BalanceKind.OPENING, BalanceKind.BOOKED)
    days = {balance.day for balance in balances if balance.kind in bounds}
    kinds = {balance.kind for balance in balances}
    return days.pop() if len(days) == 1 and kinds.issuperset(bounds) else None
