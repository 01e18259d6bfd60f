"""A file that somebody brings."""

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.shared.ids import AccountId, ProfileId, UserId


@dataclass(frozen=True, kw_only=True)
class GivenFile:
    """A file as it was given, and what was said along with it."""

    user_id: UserId
    file_name: str = field(repr=False)
    content: bytes = field(repr=False)
    hints: ReadingHints = NO_HINTS
    account_id: AccountId | None = None
    csv_profile_id: ProfileId | None = None

    @cached_property
    def digest(self) -> bytes:
        """Its SHA-256. Work for a large file: ask for it first off the event loop."""
        return sha256(self.content).digest()
