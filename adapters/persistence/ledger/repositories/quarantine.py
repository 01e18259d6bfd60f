"""What of a file could not be taken, in one list: rows, and positions, which say that they are."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.ledger.imports import StatementImport
from domain.ledger.values import QuarantinedRow

_POSITION = "position"


def kept_quarantine(done: StatementImport) -> list[dict[str, Any]]:
    """Return it as it is kept."""
    rows = [{"line": row.line, "reason": row.reason} for row in done.quarantined]
    return rows + [
        {"line": row.line, "reason": row.reason, "kind": _POSITION} for row in done.unread_holdings
    ]


def read_quarantine(
    kept: Iterable[Mapping[str, Any]],
) -> tuple[list[QuarantinedRow], list[QuarantinedRow]]:
    """Return the rows, and the positions."""
    rows: list[QuarantinedRow] = []
    positions: list[QuarantinedRow] = []
    for each in kept:
        among = positions if each.get("kind") == _POSITION else rows
        among.append(QuarantinedRow(each["line"], each["reason"]))
    return rows, positions
