"""Pages: a long statement may come in several, each of which is written as a statement."""

from collections.abc import Iterable, Sequence

from adapters.statements.camt.entries import signed
from adapters.statements.camt.stream import Draft, Part
from domain.ledger.kinds import BalanceKind
from domain.ledger.values import StatedBalance

_PAGES = ("StmtPgntn", "RptPgntn", "NtfctnPgntn", "MsgPgntn")
_TRUE = ("true", "1")
# The balances before the first and after the last row of a page.
_OPENS_WHOLE, _CLOSES_WHOLE = ("OPBD", "PRCD"), ("CLBD",)
_OPENING = (*_OPENS_WHOLE, "ITBD")
_CLOSING = (*_CLOSES_WHOLE, "ITBD")
_MAX_DIGITS = 9


def joined(drafts: Iterable[Draft]) -> list[Draft]:
    """Return the statements, each with all of its pages that follow one another."""
    statements: list[list[Draft]] = []
    for draft in drafts:
        if statements and _continues(statements[-1][-1], draft):
            statements[-1].append(draft)
        else:
            statements.append([draft])
    return [pages[0] if len(pages) == 1 else _whole(pages) for pages in statements]


def page_of(draft: Draft) -> int:
    """Return the number of the page, or 0 if the statement has no pages."""
    number = _pagination(draft, "PgNb")
    return int(number) if number.isdecimal() and len(number) <= _MAX_DIGITS else 0


def number_of(draft: Draft) -> str:
    """Return the number that the bank counts the statement by, or else its name.

    A page of which no other is in the file has its own number behind that, as in MT940.
    """
    return f"{_series(draft)}/{page_of(draft)}" if _is_page(draft) else _series(draft)


def balances_of_page(draft: Draft, balances: Sequence[StatedBalance]) -> list[StatedBalance]:
    """Return the balances without those of the whole statement that are not those of its page."""
    if not _is_page(draft):
        return [*balances]
    codes = {code_of(part) for part in draft.balances}
    wrong = {
        BalanceKind.OPENING: page_of(draft) > 1 and not codes.isdisjoint(_OPENS_WHOLE),
        BalanceKind.BOOKED: not _is_last(draft) and not codes.isdisjoint(_CLOSES_WHOLE),
    }
    return [each for each in balances if not wrong.get(each.kind)]


def _is_page(draft: Draft) -> bool:
    """Return whether this is a page of a statement whose other pages are not in the file."""
    page = page_of(draft)
    return not draft.is_joined and (page > 1 or (page == 1 and not _is_last(draft)))


def _is_last(draft: Draft) -> bool:
    return _pagination(draft, "LastPgInd") in _TRUE


def _series(draft: Draft) -> str:
    own = draft.own.leaves
    return own.get("LglSeqNb") or own.get("ElctrncSeqNb") or own.get("Id", "")


def code_of(balance: Part) -> str:
    return balance.leaves.get("Tp.CdOrPrtry.Cd") or balance.leaves.get("Tp.Cd", "")


def _continues(page: Draft, following: Draft) -> bool:
    """Return whether a page is the next one of the same statement, in number and in balance."""
    return (
        0 < page_of(page) == page_of(following) - 1
        and not _is_last(page)
        and (page.element, _series(page)) == (following.element, _series(following))
        and page.account.leaves == following.account.leaves
        and _lead_over(_bounds(page), _bounds(following))
    )


def _lead_over(page: Sequence[object], following: Sequence[object]) -> bool:
    """Return whether a page opens as the one before it closes, or repeats what that one says."""
    closing, opening = page[1], following[0]
    return None in (closing, opening) or closing == opening or page == following


def _bounds(page: Draft) -> Sequence[object]:
    """Return the opening and the closing balance of a page, or None for each that is missing."""
    return _first(page.balances, _OPENING), _first(page.balances[::-1], _CLOSING)


def _first(balances: Sequence[Part], codes: Sequence[str]) -> object:
    coded = {code_of(part): part for part in reversed(balances)}
    found = next((coded[code].leaves for code in codes if code in coded), None)
    return found and (signed({"CdtDbtInd": "CRDT", **found}), found.get("Amt@Ccy"))


def _whole(pages: Sequence[Draft]) -> Draft:
    first = pages[0]
    until = {"FrToDt.ToDtTm": pages[-1].own.leaves.get("FrToDt.ToDtTm", "")}
    return Draft(
        own=Part(first.own.line, {**first.own.leaves, **until}),
        account=first.account,
        header=first.header,
        element=first.element,
        is_joined=True,
        balances=[balance for page in pages for balance in page.balances],
        entries=[entry for page in pages for entry in page.entries],
    )


def _pagination(draft: Draft, name: str) -> str:
    """Return what a statement says about its page, or else what its message says."""
    leaves = {**draft.header.leaves, **draft.own.leaves}
    return next(filter(None, (leaves.get(f"{each}.{name}", "") for each in _PAGES)), "")
