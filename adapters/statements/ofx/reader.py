"""Reads OFX in one pass over its tags."""

from adapters.statements import questions
from adapters.statements.decimal_marks import decimal_mark
from adapters.statements.limits import MAX_BALANCES, MAX_ROWS
from adapters.statements.ofx.corrections import with_corrections
from adapters.statements.ofx.draft import Draft, Source
from adapters.statements.ofx.investments import POSITIONS, Securities
from adapters.statements.ofx.rows import INVESTMENT_KINDS
from adapters.statements.ofx.signs import asked_about_signs
from adapters.statements.ofx.statements import BALANCES, Statements, day_of, read_account
from adapters.statements.ofx.text import Tag, amounts_in, stated_charset, tags, without_markup
from adapters.statements.references import without_constant_ids
from adapters.statements.text import decode
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement, too_many
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.kinds import AccountKind
from domain.ledger.questions import Question
from domain.ledger.values import AccountReference, StatementFile
from domain.shared.result import Failure, Result, Success

# Rows of loan statements have another form and are not supported.
STATEMENTS = {
    "STMTRS": AccountKind.CHECKING,
    "CCSTMTRS": AccountKind.CREDIT_CARD,
    "INVSTMTRS": AccountKind.INVESTMENT,
    "LOANSTMTRS": None,
}
ACCOUNTS = {"BANKACCTFROM", "CCACCTFROM", "INVACCTFROM"}
ROWS = {"STMTTRN", "STMTTRNP", "LOANSTMTTRN"} | INVESTMENT_KINDS.keys()
# The leaves before the first row of a list are the period that it covers.
ROW_LISTS = {"BANKTRANLIST", "INVTRANLIST"}
PENDING_LIST = "BANKTRANLISTP"
LISTS = ROW_LISTS | {"INVPOSLIST", PENDING_LIST}
ITEMS = ROWS | POSITIONS | {"INVPOS", "SECINFO"}
# These contain only tags: text directly inside them has no meaning.
AGGREGATES = {"OFX"} | STATEMENTS.keys() | ACCOUNTS | BALANCES.keys() | LISTS | ITEMS
# Aggregates within an item whose leaves are stored with their name as a prefix.
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
        decoded = decode(content, hints.encoding or stated_charset(content))
        if isinstance(decoded, Failure):
            return decoded
        text = without_markup(decoded.value)
        if isinstance(text, Failure):
            return text
        return _Reading(text.value, self._max_rows, hints).run()


class _Reading:
    """One pass over one file.

    `_item` is the current row, position or security; `_leaves` collects the current leaves.
    """

    def __init__(self, text: str, max_rows: int, hints: ReadingHints) -> None:
        self._text = text
        self._max_rows = max_rows
        self._hints = hints
        self._sign_on: dict[str, str] = {}
        self._draft: Draft | None = None
        self._item: dict[str, str] | None = None
        self._item_tag = ""
        self._part = ""
        self._leaves: dict[str, str] = self._sign_on
        # The leaves of the list that is open.
        self._list: dict[str, str] | None = None
        self._line, self._counted_to = 1, 0
        self._item_count, self._statement_count = 0, 0
        self._is_complete = False
        self._drafts: list[tuple[Draft, AccountReference | str]] = []
        self._securities: list[Source] = []

    def run(self) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        for tag in tags(self._text, AGGREGATES | PARTS):
            self._read_tag(tag)
            if self._item_count > self._max_rows:
                return too_many(self._max_rows)
            if self._statement_count > MAX_BALANCES:
                return too_many(MAX_BALANCES, "statements and balances")
        self._end_statement()
        return self._file()

    def _read_tag(self, tag: Tag) -> None:
        is_closing, name, value, start, leaves = tag
        if is_closing:
            self._close(name)
        elif leaves:
            self._begin_item(name, start)
            self._leaves.update(leaves)
            self._close(name)
        elif name in AGGREGATES:
            self._open_aggregate(name, start)
        elif value:
            self._leaves.setdefault(f"{self._part}.{name}" if self._part else name, value)
        elif name in PARTS and self._item is not None:
            self._part = name

    def _file(self) -> Result[StatementFile, UnreadableStatement | StatementTooLarge]:
        """Interpret the drafts, now that all securities and the decimal separator are known."""
        drafts = [each for each in self._drafts if not each[0].is_empty]
        mark = decimal_mark(amounts_in(self._text), self._hints.decimal_mark, point_is_certain=True)
        if drafts and not self._is_complete:
            return Failure(UnreadableStatement("The file ends before </OFX>: it is truncated."))
        accounts = [each for _, each in drafts if isinstance(each, AccountReference)]
        asked = questions.asked_at_once(
            *([mark] if isinstance(mark, Question) else ()),
            *asked_about_signs((draft for draft, _ in drafts), self._hints.charges_positive),
            lacks_account=not all(each.number for each in accounts),
            lacks_currency=not all(each.currency for each in accounts),
        )
        if asked or isinstance(mark, Question):
            return Failure(HintNeeded.ask(*asked))
        read = Statements(
            mark,
            Securities(self._securities),
            made_on=day_of(self._sign_on, "DTSERVER"),
            charges_positive=bool(self._hints.charges_positive),
        )
        for draft, account in drafts:
            read.add(draft, account)
        return Success(
            StatementFile(
                format=OfxReader.format,
                statements=with_corrections(without_constant_ids(read.statements)),
                quarantined=read.quarantined,
                unread_holdings=tuple(read.unread_holdings),
            )
        )

    def _open_aggregate(self, name: str, start: int) -> None:
        if name in ITEMS:
            self._begin_item(name, start)
        elif name in STATEMENTS:
            self._begin_statement(STATEMENTS[name])
        elif name == "OFX":
            self._is_complete = False
        elif self._draft is not None:
            self._open_within(self._draft, name)
        elif name in ROW_LISTS:
            self._open_within(self._begin_outside(), name)

    def _open_within(self, draft: Draft, name: str) -> None:
        if name in BALANCES:
            self._leaves = {}
            self._statement_count += 1
            draft.balances.append((name, self._leaves))
        elif name in LISTS:
            self._end_item()
            self._leaves = self._list = self._leaves_of(draft, name)
            draft.lists_positions |= name == "INVPOSLIST"
        elif self._item is None:
            self._leaves = draft.account

    def _leaves_of(self, draft: Draft, name: str) -> dict[str, str]:
        """Return where the leaves before the first item of a list belong."""
        if name == PENDING_LIST:
            draft.pending = {} if draft.pending is None else draft.pending
            return draft.pending
        return draft.period if name in ROW_LISTS else draft.leaves

    def _close(self, name: str) -> None:
        if name == self._part:
            self._part = ""
        elif name in STATEMENTS:
            self._end_statement()
        elif name == "OFX":
            self._is_complete = True
        elif name in LISTS:
            self._list = None
            self._end_item()
        elif name == self._item_tag or name in BALANCES:
            self._end_item()
        elif name in ACCOUNTS and self._item is None:
            # Transfers of securities contain an account as well, in the middle of the row.
            self._end_item()

    def _begin_statement(self, kind: AccountKind | None, *, is_outside: bool = False) -> Draft:
        self._end_statement()
        self._statement_count += 1
        self._draft = Draft(kind, is_outside)
        self._leaves = self._draft.leaves
        return self._draft

    def _begin_outside(self) -> Draft:
        """Begin a statement of rows that are in none: hints may say of which account they are."""
        return self._begin_statement(AccountKind.CHECKING, is_outside=True)

    def _begin_item(self, name: str, start: int) -> None:
        if name == "INVPOS" and self._item_tag in POSITIONS and not self._item:
            return
        items = self._items_of(name)
        self._item_count += 1
        self._item, self._item_tag, self._part = {}, name, ""
        self._leaves = self._item
        items.append(Source(name, self._line_of(start), self._item))

    def _items_of(self, name: str) -> list[Source]:
        if name == "SECINFO":
            return self._securities
        draft = self._draft or self._begin_outside()
        return draft.rows if name in ROWS else draft.positions

    def _line_of(self, position: int) -> int:
        self._line += self._text.count("\n", self._counted_to, position)
        self._counted_to = position
        return self._line

    def _end_item(self) -> None:
        self._item, self._item_tag, self._part = None, "", ""
        around = self._sign_on if self._draft is None else self._draft.leaves
        self._leaves = around if self._list is None else self._list

    def _end_statement(self) -> None:
        draft, self._draft, self._list = self._draft, None, None
        self._end_item()
        if draft is not None:
            self._drafts.append((draft, read_account(draft, self._sign_on, self._hints)))
