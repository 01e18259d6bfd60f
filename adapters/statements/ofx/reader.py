"""Reads OFX: one pass over the tags, statement by statement, row by row."""

from dataclasses import dataclass, field

from adapters.statements.amounts import DecimalMark, decimal_mark, parse_amount
from adapters.statements.limits import MAX_ID, MAX_ROWS
from adapters.statements.ofx.rows import INVESTMENT_KINDS, RowSource, read_row
from adapters.statements.ofx.text import Tag, stated_charset, tags, unescape, without_markup
from adapters.statements.ofx.values import amounts_in, parse_day
from adapters.statements.text import decode
from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.values import (
    AccountKind,
    AccountReference,
    BalanceKind,
    QuarantinedRow,
    StatedBalance,
    Statement,
    StatementFile,
    StatementRow,
)
from domain.shared.money import Money, is_currency
from domain.shared.result import Failure, Result, Success

# Statements of loans have rows of another form: known, and not read.
STATEMENTS = {
    "STMTRS": AccountKind.CHECKING,
    "CCSTMTRS": AccountKind.CREDIT_CARD,
    "INVSTMTRS": AccountKind.INVESTMENT,
    "LOANSTMTRS": None,
}
# OFX 2.2, section 11.3.1.2
ACCOUNT_TYPES = {
    "CHECKING": AccountKind.CHECKING,
    "SAVINGS": AccountKind.SAVINGS,
    "MONEYMRKT": AccountKind.MONEY_MARKET,
    "CREDITLINE": AccountKind.CREDIT_LINE,
    "CD": AccountKind.CERTIFICATE_OF_DEPOSIT,
}
ACCOUNTS = {"BANKACCTFROM", "CCACCTFROM", "INVACCTFROM"}
BALANCES = {
    "LEDGERBAL": BalanceKind.BOOKED,
    "AVAILBAL": BalanceKind.AVAILABLE,
    "INVBAL": BalanceKind.AVAILABLE,
}
ROWS = {"STMTTRN", "STMTTRNP", "LOANSTMTTRN"} | INVESTMENT_KINDS.keys()
# What these hold is tags: text that stands directly in them says nothing.
AGGREGATES = {"OFX"} | STATEMENTS.keys() | ACCOUNTS | BALANCES.keys() | ROWS
# Aggregates within a row whose leaves are kept under their name.
PARTS = {"PAYEE", "BANKACCTTO", "CCACCTTO", "CURRENCY", "ORIGCURRENCY", "SECID"}


class OfxReader:
    """`StatementReader` of OFX 1 and 2, QFX and QBO."""

    format = "ofx"

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._max_rows = max_rows

    def recognises(self, head: bytes) -> bool:
        text = head.replace(b"\0", b"").upper()
        return b"<OFX" in text or b"OFXHEADER" in text

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        decoded = decode(content, stated_charset(content))
        if isinstance(decoded, Failure):
            return decoded
        text = without_markup(decoded.value)
        if isinstance(text, Failure):
            return text
        return _Reading(text.value, self._max_rows).run()


@dataclass
class _Draft:
    """A statement while it is being read; without a kind it gathers rows that are in none."""

    kind: AccountKind | None
    account: dict[str, str] = field(default_factory=dict)
    leaves: dict[str, str] = field(default_factory=dict)
    balances: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    rows: list[RowSource] = field(default_factory=list)


class _Reading:
    """One pass over one file. `_leaves` is where the leaves of the aggregate at hand go."""

    def __init__(self, text: str, max_rows: int) -> None:
        self._text = text
        self._max_rows = max_rows
        self._mark: DecimalMark = decimal_mark(amounts_in(text))
        self._sign_on: dict[str, str] = {}
        self._draft: _Draft | None = None
        self._row: dict[str, str] | None = None
        self._row_tag = ""
        self._part = ""
        self._leaves: dict[str, str] = self._sign_on
        self._line, self._counted_to = 1, 0
        self._rows = 0
        self._whole = False
        self._statements: list[Statement] = []
        self._quarantined: list[QuarantinedRow] = []

    def run(self) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        for tag in tags(self._text):
            if tag.closing:
                self._close(tag.name)
            else:
                self._open(tag)
            if self._rows > self._max_rows:
                return Failure(StatementTooLarge(f"A file has at most {self._max_rows:,} rows."))
        self._end_statement()
        if (self._statements or self._quarantined) and not self._whole:
            return Failure(UnreadableStatement("The file ends before </OFX>: it is truncated."))
        return Success(
            StatementFile(
                format=OfxReader.format,
                statements=self._statements,
                quarantined=self._quarantined,
            )
        )

    def _open(self, tag: Tag) -> None:
        if tag.name in AGGREGATES:
            self._open_aggregate(tag)
        elif tag.value:
            name = f"{self._part}.{tag.name}" if self._part else tag.name
            self._leaves.setdefault(name, unescape(tag.value))
        elif tag.name in PARTS and self._row is not None:
            self._part = tag.name

    def _open_aggregate(self, tag: Tag) -> None:
        if tag.name in ROWS:
            self._begin_row(tag)
        elif tag.name in STATEMENTS:
            self._begin_statement(STATEMENTS[tag.name])
        elif tag.name == "OFX":
            self._whole = False
        elif self._draft is not None:
            self._open_within(self._draft, tag.name)

    def _open_within(self, draft: _Draft, name: str) -> None:
        if name in BALANCES:
            self._leaves = {}
            draft.balances.append((name, self._leaves))
        elif self._row is None:
            self._leaves = draft.account

    def _close(self, name: str) -> None:
        if name == self._part:
            self._part = ""
        elif name in STATEMENTS:
            self._end_statement()
        elif name == "OFX":
            self._whole = True
        elif self._draft is not None and name in (self._row_tag, *ACCOUNTS, *BALANCES):
            self._row, self._row_tag, self._part = None, "", ""
            self._leaves = self._draft.leaves

    def _begin_statement(self, kind: AccountKind | None) -> _Draft:
        self._end_statement()
        self._draft = _Draft(kind)
        self._leaves = self._draft.leaves
        return self._draft

    def _begin_row(self, tag: Tag) -> None:
        draft = self._draft or self._begin_statement(None)
        self._rows += 1
        self._row, self._row_tag, self._part = {}, tag.name, ""
        self._leaves = self._row
        draft.rows.append(RowSource(tag.name, self._line_of(tag.start), self._row))

    def _line_of(self, position: int) -> int:
        self._line += self._text.count("\n", self._counted_to, position)
        self._counted_to = position
        return self._line

    def _end_statement(self) -> None:
        draft, self._draft = self._draft, None
        self._row, self._row_tag, self._part = None, "", ""
        self._leaves = self._sign_on
        if draft is None:
            return
        account = self._account(draft)
        if isinstance(account, str):
            self._quarantined += [QuarantinedRow(row.line, account) for row in draft.rows]
        else:
            self._statements.append(self._statement(draft, account))

    def _account(self, draft: _Draft) -> AccountReference | str:
        """Return how the statement names its account, or the reason why it names none."""
        currency = draft.leaves.get("CURDEF", "").upper()
        number = draft.account.get("ACCTID", "")
        if draft.kind is None:
            return "the row is in no statement of a kind that is read"
        if not is_currency(currency):
            return "the statement names no currency"
        if not number:
            return "the statement names no account"
        institution = self._institution(draft)
        if max(len(number), len(institution)) > MAX_ID:
            return f"the account's name is longer than {MAX_ID} characters"
        return AccountReference(
            kind=ACCOUNT_TYPES.get(draft.account.get("ACCTTYPE", "").upper(), draft.kind),
            number=number,
            institution=institution,
            currency=currency,
        )

    def _institution(self, draft: _Draft) -> str:
        names = [draft.account.get("BANKID"), draft.account.get("BROKERID")]
        names += [self._sign_on.get("ORG"), self._sign_on.get("FID")]
        return next((name for name in names if name), "")

    def _statement(self, draft: _Draft, account: AccountReference) -> Statement:
        rows: list[StatementRow] = []
        for source in draft.rows:
            row = read_row(source, account.currency, self._mark)
            if isinstance(row, str):
                self._quarantined.append(QuarantinedRow(source.line, row))
            else:
                rows.append(row)
        stated = [self._balance(name, leaves, draft) for name, leaves in draft.balances]
        return Statement(
            account=account,
            rows=rows,
            balances=[balance for balance in stated if balance is not None],
            complete=len(rows) == len(draft.rows),
        )

    def _balance(self, name: str, leaves: dict[str, str], draft: _Draft) -> StatedBalance | None:
        """Return a stated balance, or nothing where it is empty or makes no sense."""
        stated = leaves.get("BALAMT") or leaves.get("AVAILCASH", "")
        amount = parse_amount(stated, self._mark)
        day = parse_day(leaves.get("DTASOF") or draft.leaves.get("DTASOF", ""))
        if isinstance(amount, str) or isinstance(day, str):
            return None
        currency = draft.leaves["CURDEF"].upper()
        return StatedBalance(kind=BALANCES[name], money=Money(amount, currency), day=day)
