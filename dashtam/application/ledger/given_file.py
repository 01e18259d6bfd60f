"""A file that somebody brings."""

from dataclasses import dataclass, field

from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.shared.ids import AccountId, ProfileId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFile:
    """A file as it was given, and what was said along with it."""

    user_id: UserId
    file_name: str = field(repr=False)
    content: bytes = field(repr=False)
    hints: ReadingHints = NO_HINTS
    account_id: AccountId | None = None
    csv_profile_id: ProfileId | None = None
