"""All data of a user in memory, and a writer with readable output."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import IO, Any, TypeVar

from domain.identity.entities import MailedToken
from domain.identity.personal_data import Part, PersonalData
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.ports import Clock
from domain.shared.result import Result, Success
from tests.fakes import Store

T = TypeVar("T")

#: Rows that belong to a user directly, or to an account, import or connection of a user.
OWNED = (
    *("users", "sessions", "mailed_tokens", "refresh_tokens", "second_factors", "recovery_codes"),
    *(
        *(
            "api_tokens",
            "connected_apps",
            "connections",
            "accounts",
            "imports",
            "transactions",
            "categories",
        ),
        *("csv_profiles", "files", "rules", "rule_applications"),
    ),
    *("exchange_rates", "balances", "transfers", "matches", "merges", "securities", "credentials"),
)


class InMemoryPersonalData:
    """Rows are whatever is stored; the clock decides what is due."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        #: Users who are locked by another process.
        self.locked: Collection[UserId] = ()

    async def read(
        self, use: Callable[[PersonalData], T], *, owner: UserId
    ) -> Result[T, Unavailable]:
        parts = [Part(name, [{"kept": str(e)} for _, e in self._of(name, owner)]) for name in OWNED]
        files = [(key[1], value) for key, value in self._of("files", owner)]
        return Success(use(PersonalData([part for part in parts if part.name != "files"], files)))

    async def lock_due(self, owner: UserId) -> Result[bool, Unavailable]:
        user = self._store.users.get(owner)
        erase_after = user.erase_after if user else None
        due = erase_after is not None and erase_after <= self._clock.now()
        return Success(due and owner not in self.locked)

    async def erase(self, owner: UserId) -> Result[Mapping[str, int], Unavailable]:
        erased = {name: self._delete(name, owner) for name in reversed(OWNED)}
        return Success({name: count for name, count in erased.items() if count})

    async def purge(self, owner: UserId) -> Result[Mapping[str, int], Unavailable]:
        now, store = self._clock.now(), self._store
        long_ago = now - timedelta(days=30)
        over = {
            key: each
            for key, each in store.sessions.items()
            if each.user_id == owner and min(each.ended_at or now, each.expires_at) < long_ago
        }
        renewals = [k for k, each in store.refresh_tokens.items() if each.session_id in over]
        expired_tokens = [
            key
            for key, each in store.mailed_tokens.items()
            if each.user_id == owner
            and each.expires_at < now
            and each.issued_at < now - MailedToken.WITHIN
        ]
        swept: dict[str, tuple[dict[Any, Any], Collection[Any]]] = {
            "refresh_tokens": (store.refresh_tokens, renewals),
            "sessions": (store.sessions, over),
            "mailed_tokens": (store.mailed_tokens, expired_tokens),
        }
        for table, keys in swept.values():
            for key in keys:
                del table[key]
        return Success({name: len(keys) for name, (_, keys) in swept.items() if keys})

    def _of(self, name: str, owner: UserId) -> Iterator[tuple[Any, Any]]:
        table = getattr(self._store, name)
        for key, value in list(table.items() if isinstance(table, dict) else enumerate(table)):
            key_columns = key if isinstance(key, tuple) else (key,)
            if getattr(value, "user_id", None) == owner or owner in key_columns:
                yield key, value

    def _delete(self, name: str, owner: UserId) -> int:
        table = getattr(self._store, name)
        found = [key for key, _ in self._of(name, owner)]
        for key in reversed(found):
            del table[key]
        return len(found)


class PlainPersonalDataWriter:
    """A `PersonalDataWriter` of lines."""

    media_type = "text/plain"
    suffix = ".txt"

    def write(self, data: PersonalData, target: IO[bytes], at: datetime) -> Mapping[str, int]:
        counts = {"files": 0}
        for part in data.parts:
            rows = list(part.rows)
            counts[part.name] = len(rows)
            target.writelines(f"{part.name} {json.dumps(row)}\n".encode() for row in rows)
        for digest, content in data.files:
            counts["files"] += 1
            target.write(digest + b" " + content + b"\n")
        return counts
