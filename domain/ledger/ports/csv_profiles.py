"""Profiles of CSV files: how they are kept, and found. Everything is asked for with its owner."""

from collections.abc import Sequence
from typing import Protocol

from domain.ledger.errors import (
    CsvProfileExists,
    CsvProfileNotFound,
    StatementTooLarge,
    UnreadableStatement,
)
from domain.ledger.hints import ReadingHints
from domain.ledger.profiles import CsvSample, SavedProfile
from domain.shared.errors import Unavailable
from domain.shared.ids import ProfileId, UserId
from domain.shared.result import Result


class CsvProfileRepository(Protocol):
    """The profiles that people keep; a name is unique for each of them."""

    async def get(
        self, profile_id: ProfileId, *, owner: UserId
    ) -> Result[SavedProfile, CsvProfileNotFound | Unavailable]: ...

    async def all(self, *, owner: UserId) -> Result[Sequence[SavedProfile], Unavailable]:
        """Return a person's profiles by their names."""

    async def add(self, profile: SavedProfile) -> Result[None, CsvProfileExists | Unavailable]: ...

    async def change(
        self, profile: SavedProfile
    ) -> Result[None, CsvProfileExists | CsvProfileNotFound | Unavailable]: ...

    async def delete(
        self, profile: SavedProfile
    ) -> Result[None, CsvProfileNotFound | Unavailable]: ...


class CsvSampler(Protocol):
    """Finds out how a CSV file is written. Pure, and work: call it off the event loop."""

    def __call__(
        self, content: bytes, hints: ReadingHints
    ) -> Result[CsvSample, UnreadableStatement | StatementTooLarge | Unavailable]:
        """Return what was found, and what the first rows say by it."""
