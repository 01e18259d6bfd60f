"""Identities by further schemes in memory."""

from collections.abc import Collection, Mapping, Sequence

from domain.ledger.fingerprints import SeenRow
from domain.ledger.identity import Identity
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, ImportId, UserId
from domain.shared.result import Result, Success
from tests.fakes import Store


class InMemoryFingerprintRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def imports(
        self, *, owner: UserId, undone: bool, after: ImportId | None, limit: int
    ) -> Result[Sequence[ImportId], Unavailable]:
        found = [
            each.id
            for each in self._store.imports.values()
            if each.user_id == owner and each.statements and bool(each.undone_at) is undone
        ]
        return Success([each for each in sorted(found) if not after or each > after][:limit])

    async def seen(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[Sequence[SeenRow], Unavailable]:
        rows = [*self._store.sightings, *self._store.undone_sightings]
        mine = [each for each in rows if (each.import_id, each.user_id) == (import_id, owner)]
        mine.sort(key=lambda each: (each.place, each.line))
        return Success([SeenRow(each.place, each.line, each.identity) for each in mine])

    async def kept(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        scheme: int,
        fingerprints: Collection[bytes],
        known: Collection[Identity],
    ) -> Result[Mapping[Identity, Identity], Unavailable]:
        wanted = {each.fingerprint for each in known}
        found = {
            own: identity
            for (of, own), identity in self._store.fingerprints.items()
            if of == account_id
            and (
                own.fingerprint in fingerprints
                or (identity.fingerprint in wanted and self._store.schemes[of, own] == scheme)
            )
        }
        entered = [*self._store.transactions.values(), *self._store.stages.values()]
        itself = {row.identity: row.identity for row in entered if row.account_id == account_id}
        return Success(found | {own: own for own in itself if own.fingerprint in fingerprints})

    async def add(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        scheme: int,
        pairs: Mapping[Identity, Identity],
    ) -> Result[int, Unavailable]:
        known = self._store.fingerprints
        fresh = {
            (account_id, own): identity
            for own, identity in pairs.items()
            if (account_id, own) not in known
        }
        self._store.fingerprints = known | fresh
        self._store.schemes = self._store.schemes | dict.fromkeys(fresh, scheme)
        return Success(len(fresh))
