"""All ports of one kind together, and what must exist before a row can point at it."""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Self

from dashtam.application.use_case import UseCase
from dashtam.container.ports import Ports
from domain.connections.entities import Connection
from domain.connections.values import Credentials
from domain.identity.entities import User
from domain.identity.values import RecoveryCode
from domain.ledger.entities import Account
from domain.ledger.imports import StatementImport
from domain.ledger.values import MatchResult
from domain.shared.ids import UserId
from domain.shared.result import Success
from tests.factories import (
    imported_row,
    make_account,
    make_api_token,
    make_connected_app,
    make_connection,
    make_import,
    make_mailed_token,
    make_merge,
    make_preview,
    make_refresh_token,
    make_row,
    make_second_factor,
    make_session,
    make_snapshot,
    make_transaction,
    make_user,
)
from tests.ledger_rows import fill_ledger


@dataclass(frozen=True, kw_only=True)
class World(Ports):
    """All ports, and what tests put behind them."""

    @classmethod
    def over(cls, ports: Ports) -> Self:
        return cls(**vars(ports))

    @property
    def basics(self) -> dict[str, Any]:
        """The ports that tests' own use cases need."""
        return {name: getattr(self, name) for name in UseCase.__dataclass_fields__}

    async def user(self, email: str = "ada@example.org") -> User:
        user = make_user(email)
        assert await self.users.add(user) == Success(None)
        return user

    async def connection(self, user: User, institution: str = "Northbank") -> Connection:
        connection = make_connection(user.id, institution)
        assert await self.connections.add(connection) == Success(None)
        return connection

    async def account(self, email: str = "ada@example.org", number: str = "100200300") -> Account:
        connection = await self.connection(await self.user(email))
        account = make_account(connection, number)
        assert await self.accounts.add(account) == Success(None)
        return account

    async def source(self, account: Account) -> StatementImport:
        source = make_import(account.user_id, account.id)
        assert await self.imports.add(source) == Success(None)
        return source

    async def fill(self, account: Account) -> None:
        """Insert a row of everything that belongs to an account."""
        secret = Credentials(b"secret")
        await self.vault.store(account.connection_id, secret, owner=account.user_id)
        await self._fill_identity(account.user_id)
        source = await self.source(account)
        await self.files.store(b"march", digest=source.digest, owner=account.user_id)
        await self.previews.add(make_preview(account.user_id), b"march")
        await self.balances.add([make_snapshot(account, source)])
        await self.accounts.update(replace(account, name="Everyday"))
        await self.merges.add(make_merge(account, account))
        pending = make_transaction(account, source, make_row(pending=True))
        booked = make_transaction(account, source, make_row(), id=pending.id)
        await self.transactions.add([pending])
        await self.transactions.update_from_import([booked])
        await self.transactions.record_rows([imported_row(booked, MatchResult.UPDATES)])
        await fill_ledger(booked)

    async def _fill_identity(self, owner: UserId) -> None:
        secret = sha256(owner.bytes).digest()
        session = make_session(owner, secret)
        await self.sessions.add(session)
        await self.sessions.get_by_token(session.token_digest)
        await self.refresh_tokens.add(make_refresh_token(session, secret))
        await self.mailed_tokens.add(make_mailed_token(owner, secret))
        await self.second_factors.upsert(make_second_factor(owner))
        await self.second_factors.replace_codes(owner, [RecoveryCode.of(secret[:15])])
        await self.api_tokens.add(make_api_token(owner, secret))
        await self.connected_apps.add(make_connected_app(owner, secret))
