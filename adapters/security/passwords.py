"""Password hashes with Argon2id, computed outside the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import ParamSpec, TypeVar

from django.contrib.auth.hashers import Argon2PasswordHasher

from adapters.security.priority import lower_priority
from domain.identity.values import Password, PasswordHash

P = ParamSpec("P")
T = TypeVar("T")


class LowMemoryArgon2(Argon2PasswordHasher):
    """Argon2id with the second recommended option of RFC 9106: 3 passes, 64 MiB, 4 lanes."""

    time_cost = 3
    memory_cost = 64 * 1024
    parallelism = 4


class Argon2Hasher:
    """`PasswordHasher` in its own threads, which have a lower priority than the event loop.

    Each takes 64 MiB while it works. Waiting calls take little, and cancelled ones are not run.
    """

    def __init__(self, workers: int = 1, *, algorithm: Argon2PasswordHasher | None = None) -> None:
        self._algorithm = algorithm or LowMemoryArgon2()
        self._executor = ThreadPoolExecutor(
            workers, thread_name_prefix="password", initializer=lower_priority
        )

    async def hash(self, password: Password) -> PasswordHash:
        return await self._run(self._hash, password)

    async def verify(self, password: Password, password_hash: PasswordHash | None) -> bool:
        return await self._run(self._compare, password, password_hash)

    def is_outdated(self, password_hash: PasswordHash) -> bool:
        return self._algorithm.must_update(password_hash)

    @cached_property
    def _dummy_hash(self) -> PasswordHash:
        return self._hash(Password(self._algorithm.salt()))

    def _compare(self, password: Password, password_hash: PasswordHash | None) -> bool:
        # Computed before the branch, so that the first comparison is slower for everybody.
        dummy = self._dummy_hash
        # Without a hash, do the same work, so that the time does not reveal which users exist.
        expected = password_hash or dummy
        matches = self._algorithm.verify(password.text, expected)
        if not matches and self.is_outdated(expected):
            # An outdated hash costs less than the dummy, which would reveal that the user exists.
            self._algorithm.verify(password.text, dummy)
        return matches and password_hash is not None

    def _hash(self, password: Password) -> PasswordHash:
        return PasswordHash(self._algorithm.encode(password.text, self._algorithm.salt()))

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, lambda: work(*args, **kwargs))
