"""A trail with entries, and the sealer and verifier that tests use."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import IsolationLevel

from adapters.audit.findings import Report
from adapters.audit.mac import MacKeys
from adapters.audit.sealer import Sealer, SealingKey
from adapters.audit.verifier import Verifier
from adapters.audit.witness import FileWitness
from adapters.persistence.base import business_tables
from adapters.persistence.plain import connect
from adapters.persistence.staff.models import AUDITED_TABLES
from dashtam import keys
from dashtam.application.identity.users import RegisterUser, VerifyEmail
from dashtam.application.ledger.accounts import ListAccounts
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.container import container
from domain.ledger.imports import ImportRequest
from domain.shared.result import Success
from tests.factories import make_entry
from tests.mailbox import mailed
from tests.statements import days, ofx, statement

Connection = psycopg.Connection[Any]


@dataclass
class AuditTools:
    """Everything that audit of a trail needs."""

    witness: FileWitness
    key: SealingKey = field(default_factory=lambda: new_key("k1"))

    def sealer(self, connect_: "Callable[[], Connection] | None" = None) -> Sealer:
        return Sealer(connect_ or snapshot, self.key, self.witness, self.mac_keys())

    def seal(self) -> int:
        sealer = self.sealer()
        try:
            return sealer.seal_all()
        finally:
            sealer.close()

    def mac_keys(self) -> MacKeys:
        return MacKeys(keys.of("AUDIT_MAC_KEYS"))

    def verify(
        self, connection: Connection | None = None, *, with_keys: bool = True, **options: Any
    ) -> Report:
        """Verify, on the given connection if its changes are invisible to others."""
        verifier = Verifier(
            connect=cast("Callable[[], Connection]", _lent(connection)) if connection else snapshot,
            public_keys={self.key.key_id: self.key.key.public_key()},
            mac_keys=self.mac_keys() if with_keys else None,
            witness=self.witness,
            tables=[*business_tables(), *AUDITED_TABLES],
        )
        return verifier.verify(**options)


def new_key(key_id: str) -> SealingKey:
    return SealingKey(key_id, Ed25519PrivateKey.generate())


def audit_tools_in(directory: Path) -> AuditTools:
    return AuditTools(FileWitness(directory / "witness.jsonl"))


def snapshot() -> Connection:
    return connect(IsolationLevel.REPEATABLE_READ)


def _lent(connection: Connection) -> "Callable[[], AbstractContextManager[Connection]]":
    @contextmanager
    def lend() -> Iterator[Connection]:
        yield connection

    return lend


async def live(email: str = "ada@example.org") -> Any:
    """Leave what a user leaves: a registration, a log-in, an import, a look."""
    registered = await container.use(RegisterUser)(email=email, password="a long enough password")
    assert isinstance(registered, Success)
    user_id = registered.value.id
    imported = await container.use(ImportPipeline)(
        ImportRequest(user_id=user_id, file_name="x.ofx", content=ofx(statement(*days(5))))
    )
    assert isinstance(imported, Success)
    assert isinstance(await container.use(ListAccounts)(user_id=user_id), Success)
    await container.drain()
    assert await container.use(VerifyEmail)(
        token=mailed(), password="a long enough password"
    ) == Success(None)
    return user_id


async def look_around(times: int) -> None:
    """Leave entries, each in a transaction of its own."""
    for _ in range(times):
        await container.audit_trail.append(make_entry(), make_entry())
