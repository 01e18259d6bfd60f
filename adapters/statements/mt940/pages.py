"""Balances, and pages: a long statement may come in several, each of which is a message."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from adapters.statements.mt940.entries import Days, read_amount, read_date
from adapters.statements.mt940.fields import Message
from domain.ledger.kinds import BalanceKind
from domain.ledger.values import StatedBalance
from domain.shared.money import Money

#: Mark, date, currency and amount of a balance.
BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})\s*(\d[\d.]*,?\d*)", re.ASCII)
BALANCES = {
    "60F": BalanceKind.OPENING,
    "60M": BalanceKind.OPENING,
    "62F": BalanceKind.BOOKED,
    "62M": BalanceKind.BOOKED,
    "64": BalanceKind.AVAILABLE,
}
_BOUNDS = ("60F", "60M", "62F", "62M")
# SWIFT field 13: the date and the time at which an interim report was made.
_MADE = re.compile(r"(\d{6})\d{4}", re.ASCII)
# SWIFT field 28C: the numbers of the statement and of its page.
_NUMBER = re.compile(r"(\d{1,9})/(\d{1,9})", re.ASCII)
# After the rows of a page come its closing balances, of which F is the last and M an interim one.
_CLOSING = ("62F", "62M", "64", "65")


def joined(messages: Iterable[Message]) -> Iterator[Message]:
    """Yield the statements, each with all of its pages that follow one another."""
    pages: list[Message] = []
    for message in messages:
        if pages and not _continues(pages[-1], message):
            yield _whole(pages)
            pages = []
        pages.append(message)
    if pages:
        yield _whole(pages)


def number_of(message: Message) -> str:
    return message.single.get("28C") or message.single.get("28", "")


def days_of(message: Message) -> Days | None:
    """Return the days between the balances of a message, or the day on which it was made.

    Balances that are in no order say nothing.
    """
    balances = (read_balance(message, tag) for tag in _BOUNDS)
    days = [balance.day for balance in balances if balance]
    made = _MADE.match(message.single.get("13D") or message.single.get("13", ""))
    if not days and made:
        days = [day for day in [read_date(made[1])] if day]
    return (days[0], days[-1]) if days and days[0] <= days[-1] else None


def read_balance(message: Message, tag: str) -> StatedBalance | None:
    """Return a stated balance, or None if it is missing or invalid."""
    text = message.single.get(tag, "")
    # The lines below may belong to something else: some banks put headings between messages.
    match = BALANCE.search(text.partition("\n")[0]) or BALANCE.search(text.replace("\n", ""))
    amount = read_amount(match[4]) if match else None
    day = read_date(match[2]) if match else None
    if not match or not isinstance(amount, Decimal) or not day:
        return None
    money = Money(amount if match[1] == "C" else -amount, match[3])
    return StatedBalance(kind=BALANCES[tag], money=money, day=day)


def _continues(page: Message, following: Message) -> bool:
    """Return whether a message is the next page of the same statement, in number and in balance."""
    before, after = (_NUMBER.match(number_of(each)) for each in (page, following))
    if not before or not after or page.head != following.head:
        return False
    closing, opening = _first(page, "62M", "62F"), _first(following, "60M", "60F")
    if not closing or not opening or closing.money != opening.money:
        return False
    is_next = before[1] == after[1] and int(before[2]) + 1 == int(after[2])
    return is_next and (_is_interim(page, following) or closing.day == _closing_day(following))


def _is_interim(page: Message, following: Message) -> bool:
    """Return whether the balance between two pages is marked as one within a statement.

    Banks that mark none may count the statements of a year as pages of one.
    """
    return "62M" in page.single or "60M" in following.single


def _closing_day(page: Message) -> object:
    closing = _first(page, "62M", "62F")
    return closing and closing.day


def _first(message: Message, *tags: str) -> StatedBalance | None:
    found = (read_balance(message, tag) for tag in tags)
    return next(filter(None, found), None)


def _whole(pages: Sequence[Message]) -> Message:
    first, last = pages[0], pages[-1]
    if first is last:
        return first
    closing = {tag: text for tag, text in last.single.items() if tag in _CLOSING}
    opening = {tag: text for tag, text in first.single.items() if tag not in _CLOSING}
    number, _, _ = number_of(first).partition("/")
    return Message(
        single={**opening, **closing, "28C": number},
        entries=[entry for page in pages for entry in page.entries],
    )
