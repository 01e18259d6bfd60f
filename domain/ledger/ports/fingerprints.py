"""Identities by further schemes of fingerprints. Everything is asked for with its owner."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from domain.ledger.fingerprints import SeenRow
from domain.ledger.identity import Identity
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, ImportId, UserId
from domain.shared.result import Result


class FingerprintRepository(Protocol):
    """What rows were entered under, and by which other identities accounts know them."""

    async def imports(
        self, *, owner: UserId, undone: bool, after: ImportId | None, limit: int
    ) -> Result[Sequence[ImportId], Unavailable]:
        """Return up to `limit` imports that brought statements in, oldest first."""

    async def seen(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[Sequence[SeenRow], Unavailable]:
        """Return all rows of an import, those that are undone too, in the order of the file."""

    async def kept(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        scheme: int,
        fingerprints: Collection[bytes],
        known: Collection[Identity],
    ) -> Result[Mapping[Identity, Identity], Unavailable]:
        """Return the pairs of a scheme that have one of these fingerprints, or lead to these.

        What was entered under one of the fingerprints itself leads to itself.
        """

    async def add(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        scheme: int,
        pairs: Mapping[Identity, Identity],
    ) -> Result[int, Unavailable]:
        """Know these identities as those; return how many were not known already."""
