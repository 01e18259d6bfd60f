"""Identifiers: UUID version 7 (RFC 9562), which sort by the time of their creation."""

import time
from collections.abc import Iterator
from secrets import token_bytes
from typing import NewType
from uuid import UUID

from uuid_extensions import uuid7

UserId = NewType("UserId", UUID)
SessionId = NewType("SessionId", UUID)
ApiTokenId = NewType("ApiTokenId", UUID)
MailedTokenId = NewType("MailedTokenId", UUID)
SecondFactorId = NewType("SecondFactorId", UUID)
ConnectionId = NewType("ConnectionId", UUID)
AccountId = NewType("AccountId", UUID)
TransactionId = NewType("TransactionId", UUID)
ImportId = NewType("ImportId", UUID)
StatementId = NewType("StatementId", UUID)
SecurityId = NewType("SecurityId", UUID)
HoldingId = NewType("HoldingId", UUID)
TransferId = NewType("TransferId", UUID)
MatchId = NewType("MatchId", UUID)
CategoryId = NewType("CategoryId", UUID)
MergeId = NewType("MergeId", UUID)
RuleId = NewType("RuleId", UUID)
RuleApplicationId = NewType("RuleApplicationId", UUID)
ProfileId = NewType("ProfileId", UUID)
ConnectedAppId = NewType("ConnectedAppId", UUID)
StaffId = NewType("StaffId", UUID)


def new_id() -> UUID:
    """Return a new identifier whose timestamp PostgreSQL reads correctly."""
    made = uuid7(time_func=_draft_nanoseconds)
    assert isinstance(made, UUID)
    return made


# The counter of the layout has 14 bits, and 48 random ones follow it.
_COUNTER, _RANDOM = 1 << 14, 48


def new_ids(most: int) -> Iterator[UUID]:
    """Yield up to so many new identifiers in their order, in half the time of one at a time."""
    for start in range(0, most, _COUNTER):
        count = min(most - start, _COUNTER)
        begin = new_id().int >> 62 << 62
        random = token_bytes(_RANDOM // 8 * count)
        for number in range(count):
            tail = int.from_bytes(random[6 * number : 6 * number + 6])
            yield UUID(int=begin | number << _RANDOM | tail)


def _draft_nanoseconds() -> int:
    """Return the time as the package's draft layout needs it to come out as RFC 9562 milliseconds.

    The draft puts 36 bits of seconds and 24 bits of fraction where the standard has 48 bits of
    milliseconds and 12 of fraction: the scale between them is 125/512.
    """
    return -(-time.time_ns() * 125 // 512)
