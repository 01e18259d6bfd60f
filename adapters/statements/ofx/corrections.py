"""Corrections (OFX 2.2, section 11.4.4.1): a row that replaces or deletes another one."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from adapters.statements.references import usable
from domain.ledger.values import AccountReference, Statement, StatementRow


def with_corrections(statements: Sequence[Statement]) -> Sequence[Statement]:
    """Return the statements of a file without the rows that others of it replace or delete.

    What a row corrects may also be in a file before, so each statement lists what it corrects.
    """
    corrected: defaultdict[AccountReference, set[str]] = defaultdict(set)
    for statement in statements:
        corrected[statement.account] |= _ids(statement)
    if not any(corrected.values()):
        return statements
    return [
        replace(
            each,
            rows=[row for row in each.rows if not _is_over(row, corrected[each.account])],
            # A row that replaces one of its own id is not over.
            corrected_ids=sorted(
                _ids(each) - {row.provider_id for row in each.rows if _is_own(row)}
            ),
        )
        for each in statements
    ]


def _ids(statement: Statement) -> set[str]:
    return {corrects for row in statement.rows if (corrects := _corrects(row))}


def _corrects(row: StatementRow) -> str | None:
    return usable(row.raw.get("CORRECTFITID", ""))


def _deletes(row: StatementRow) -> bool:
    return row.raw.get("CORRECTACTION", "").upper() == "DELETE"


def _is_own(row: StatementRow) -> bool:
    return row.provider_id == _corrects(row) and not _deletes(row)


def _is_over(row: StatementRow, corrected: Collection[str]) -> bool:
    if _corrects(row) and (_deletes(row) or _is_own(row)):
        return _deletes(row)
    return row.provider_id in corrected
