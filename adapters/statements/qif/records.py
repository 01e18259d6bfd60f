"""Splits the text of a QIF file into records, section by section."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from adapters.statements.limits import MAX_VALUE
from adapters.statements.text import lines_of
from domain.ledger.kinds import AccountKind

SECTIONS = {
    "BANK": AccountKind.CHECKING,
    "CASH": AccountKind.OTHER,
    "CCARD": AccountKind.CREDIT_CARD,
    "OTH A": AccountKind.OTHER,
    "OTH L": AccountKind.OTHER,
    "INVST": AccountKind.INVESTMENT,
    "PORT": AccountKind.INVESTMENT,
    "401(K)/403(B)": AccountKind.INVESTMENT,
}
#: Sections of Quicken and similar programs that list no transactions.
LISTS = {"CAT", "CLASS", "MEMORIZED", "SECURITY", "PRICES", "BUDGET", "TAG", "TEMPLATE"}
#: Leaves of one record that are stored.
MAX_LEAVES = 500


#: Parts of one record that are stored: more are too many anyway.
MAX_PARTS = 200


class Part(NamedTuple):
    """A part of a record that is split, as it is written."""

    category: str
    memo: str = ""
    amount: str = ""


@dataclass
class Record:
    """The lines between two `^`: a letter and its value on each line.

    `account` is the account's name in the file. `kind` is that of its section, or None if an
    unknown section contains what looks like a transaction. `parts` are its splits, in order.
    """

    line: int
    account: str
    kind: AccountKind | None
    leaves: dict[str, str] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)

    def add(self, letter: str, value: str) -> None:
        """Store a value; a repeated letter, as in splits, is appended on a new line."""
        self._add_to_parts(letter, value)
        before = self.leaves.get(letter)
        is_full = len(self.leaves) >= MAX_LEAVES if before is None else len(before) > MAX_VALUE
        if is_full:
            return
        whole = value if before is None else f"{before}\n{value}"
        self.leaves[letter] = whole[: MAX_VALUE + 1]

    def _add_to_parts(self, letter: str, value: str) -> None:
        """Begin a part with its category, or add the memo or the amount of the last one."""
        if letter == "S":
            if len(self.parts) < MAX_PARTS:
                self.parts.append(Part(value))
        elif self.parts and letter == "E":
            self.parts[-1] = self.parts[-1]._replace(memo=value)
        elif self.parts and letter == "$":
            self.parts[-1] = self.parts[-1]._replace(amount=value)


def records(text: str) -> Iterator[Record]:
    """Yield every record that is a transaction, in order; other lists are skipped."""
    scanner = _Scanner()
    for number, line in enumerate(lines_of(text), start=1):
        yield from scanner.add_line(number, line.strip())
    yield from scanner.end_record()


def _is_transaction(leaves: Mapping[str, str]) -> bool:
    """Return whether a record has digits in its date and in its amount."""
    return all(any(map(str.isdigit, leaves.get(letter, ""))) for letter in "DT")


class _Scanner:
    """The state of scanning a file: the current section, account and record."""

    def __init__(self) -> None:
        self._section = ""
        self._kind: AccountKind | None = None
        self._is_list = True
        self._account = ""
        self._record: Record | None = None

    def add_line(self, number: int, line: str) -> Iterator[Record]:
        """Process a line; yield the record that it ends, if any."""
        if line.startswith("!"):
            yield from self.end_record()
            self._begin_section(line[1:].strip().upper())
        elif line.startswith("^"):
            yield from self.end_record()
        elif line:
            self._add(number, line[0], line[1:].strip())

    def end_record(self) -> Iterator[Record]:
        """Yield the current record, if there is one."""
        record, self._record = self._record, None
        if record and (record.kind or _is_transaction(record.leaves)):
            yield record

    def _begin_section(self, name: str) -> None:
        if name.startswith(("OPTION", "CLEAR")):
            return
        self._section = name
        is_type = name.startswith("TYPE")
        name = name.partition(":")[2].strip()
        self._kind = SECTIONS.get(name) if is_type else None
        self._is_list = not is_type or name in LISTS

    def _add(self, number: int, letter: str, value: str) -> None:
        if not self._is_list:
            self._record = self._record or Record(number, self._account, self._kind)
            self._record.add(letter, value)
        elif self._section == "ACCOUNT" and letter == "N":
            self._account = value
