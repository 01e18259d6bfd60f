"""An acceptance case, what came of it, and whether that is right: see README.md."""

import json
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

BOOKED, PENDING, OVER = "booked", "pending", "over"

CASE_KEYS = {"kind", "about", "why", "source", "through", "steps", "right"}
STEP_KEYS = {"file", "hints", "transfer"}
HINTS = {"account", "account_of_step", "currency", "date_order", "decimal_mark", "charges_positive"}
ROW_KEYS = {"text", "text_not", "status", "account", "exchange_rate"}

#: The words by which a question is recognised.
QUESTIONS = {
    "account": ("account",),
    "currency": ("currency",),
    "date_order": ("order", "date", "day"),
    "decimal_mark": ("decimal",),
    "charges_positive": ("charge", "sign", "positive"),
    "columns": ("column",),
    "encoding": ("encod", "charset", "character", "code page"),
}


@dataclass(frozen=True)
class Row:
    """A row as the program shows it."""

    day: str
    amount: Decimal
    currency: str
    text: str
    status: str
    account: str
    exchange_rate: Decimal | None = None

    def __str__(self) -> str:
        rate = f" at {self.exchange_rate}" if self.exchange_rate is not None else ""
        state = "" if self.status == BOOKED else f" {self.status}"
        return f"{self.day} {self.amount} {self.currency}{state}{rate} “{self.text[:60]}”"


@dataclass
class Outcome:
    """What became of a case."""

    rows: list[Row] = field(default_factory=list)
    reconciliations: list[str] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    opening: str | None = None
    closing: str | None = None
    period: list[str | None] = field(default_factory=list)
    quarantined: int = 0
    verdicts: list[dict[str, int]] = field(default_factory=list)
    transfers: int = 0
    net_worth: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    message: str = ""
    is_refused: bool = False
    is_question: bool = False
    crash: str = ""


@dataclass(frozen=True)
class Case:
    """A folder with files, and the expected result."""

    folder: Path
    kind: str
    through: str
    steps: list[dict[str, Any]]
    right: dict[str, Any]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def number(self) -> str:
        return self.name.partition("-")[0]

    @property
    def alternatives(self) -> list[dict[str, Any]]:
        """Return the outcomes any of which is right."""
        one = {name: wanted for name, wanted in self.right.items() if name != "never"}
        return self.right.get("any_of") or [one]

    @property
    def never(self) -> dict[str, Any]:
        """Return what must not appear, whatever else does."""
        never: dict[str, Any] = self.right.get("never", {})
        return never


def read_case(folder: Path) -> Case:
    """Read a case; an unknown key would test nothing, and nobody would notice."""
    written = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    case = Case(folder, *(written[key] for key in ("kind", "through", "steps", "right")))
    outcomes = [*case.alternatives, case.never]
    rows = [_more(row) for one in outcomes for row in one.get("rows", [])]
    known = (
        ([written], CASE_KEYS),
        (case.steps, STEP_KEYS),
        ([step.get("hints", {}) for step in case.steps], HINTS),
        (case.alternatives, CHECKS.keys()),
        ([case.never], NEVER.keys()),
        (rows, ROW_KEYS),
    )
    unknown = {key for parts, keys in known for part in parts for key in part.keys() - keys}
    if unknown:
        raise ValueError(f"{case.name}: unknown words: {', '.join(sorted(unknown))}")
    return case


def is_right(case: Case, got: Outcome) -> bool:
    if got.crash or any(NEVER[name](wanted, got) for name, wanted in case.never.items()):
        return False
    return any(_fits(one, got) for one in case.alternatives)


def _fits(one: dict[str, Any], got: Outcome) -> bool:
    if got.is_refused != ("asked" in one or "refused" in one):
        return False
    return all(CHECKS[name](wanted, got) for name, wanted in one.items())


def _rows_fit(expected: list[list[Any]], got: Outcome) -> bool:
    """Whether each of these rows appeared exactly once; additional rows do not count."""
    return _pair_up(expected, [row for row in got.rows if row.status != OVER])


def _pair_up(expected: list[list[Any]], rows: list[Row]) -> bool:
    if len(expected) != len(rows):
        return False
    if not expected:
        return True
    first, *others = expected
    return any(
        is_like(first, row)
        and row.status in _listed(_more(first).get("status", BOOKED))
        and _pair_up(others, rows[:at] + rows[at + 1 :])
        for at, row in enumerate(rows)
    )


def is_like(expected: list[Any], row: Row) -> bool:
    day, amount, *rest = expected
    currency = next((part for part in rest if isinstance(part, str)), row.currency)
    more = _more(expected)
    return (
        (day, Decimal(amount), currency) == (row.day, row.amount, row.currency)
        and all(_plain(part) in _plain(row.text) for part in _listed(more.get("text", [])))
        and not any(_plain(part) in _plain(row.text) for part in _listed(more.get("text_not", [])))
        and ("account" not in more or _same_account(more["account"], row.account))
        and ("exchange_rate" not in more or _same_rate(more["exchange_rate"], row.exchange_rate))
    )


def _totals_fit(expected: list[list[str]], got: Outcome) -> bool:
    """Whether booked rows come to these sums; a day that is not named comes to nothing."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in got.rows:
        if row.status == BOOKED:
            sums[row.day, row.currency] += row.amount
    for day, amount, currency in expected:
        sums[day, currency] -= Decimal(amount)
    return not any(sums.values())


def _accounts_fit(expected: Any, got: Outcome) -> bool:
    if isinstance(expected, int):
        return len(got.accounts) == expected
    return len(expected) == len(got.accounts) and all(
        any(_same_account(one, other) for other in got.accounts) for one in expected
    )


def _verdicts_fit(expected: list[dict[str, int]], got: Outcome) -> bool:
    return len(expected) == len(got.verdicts) and all(
        found.get(name, 0) == count
        for wanted, found in zip(expected, got.verdicts, strict=True)
        for name, count in wanted.items()
    )


def _net_worth_fits(expected: list[list[str]], got: Outcome) -> bool:
    return all(
        got.net_worth.get((day, currency), Decimal(0)) == Decimal(amount)
        for day, amount, currency in expected
    )


def _is_question(expected: Any, got: Outcome) -> bool:
    names = QUESTIONS if expected is True else _listed(expected)
    words = [word for name in names for word in QUESTIONS[name]]
    return got.is_question and any(word in got.message.lower() for word in words)


def _says(expected: list[Any], got: Outcome) -> bool:
    return all(any(_plain(w) in _plain(got.message) for w in _listed(words)) for words in expected)


def _same_amount(one: str | None, other: str | None) -> bool:
    return one == other if None in (one, other) else Decimal(one or 0) == Decimal(other or 0)


def _same_account(expected: str, found: str) -> bool:
    """Compare numbers, of which the API shows the last four characters, the command all."""
    one, other = (re.sub(r"\s", "", text).upper() for text in (expected, found))
    return one[-4:] == other[-4:] if other.startswith("•") else one == other


def _same_rate(expected: str, found: Decimal | None) -> bool:
    wanted = Decimal(expected)
    return found is not None and found.quantize(wanted, ROUND_HALF_EVEN) == wanted


def _more(expected: list[Any]) -> dict[str, Any]:
    return expected[-1] if isinstance(expected[-1], dict) else {}


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _listed(what: Any) -> list[Any]:
    return list(what) if isinstance(what, (list, tuple)) else [what]


Check = Callable[[Any, Outcome], bool]
CHECKS: dict[str, Check] = {
    "rows": _rows_fit,
    "totals": _totals_fit,
    "reconciliation": lambda wanted, got: (
        bool(got.reconciliations) and {*got.reconciliations} <= {*_listed(wanted)}
    ),
    "accounts": _accounts_fit,
    "verdicts": _verdicts_fit,
    "net_worth": _net_worth_fits,
    "asked": _is_question,
    "says": _says,
    "refused": lambda wanted, got: got.is_refused,
    "quarantined": lambda wanted, got: got.quarantined in _listed(wanted),
    "opening": lambda wanted, got: _same_amount(got.opening, wanted),
    "closing": lambda wanted, got: _same_amount(got.closing, wanted),
    "period": lambda wanted, got: bool(got.period == wanted),
    "transfers": lambda wanted, got: bool(got.transfers == wanted),
}
#: Whether something appeared that must not.
NEVER: dict[str, Check] = {
    "rows": lambda wanted, got: any(is_like(row, one) for row in wanted for one in got.rows),
    "reconciliation": lambda wanted, got: wanted in got.reconciliations,
    "opening": CHECKS["opening"],
    "closing": CHECKS["closing"],
}
