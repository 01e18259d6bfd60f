"""All ports of one kind together, and what must exist before a row can point at it."""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Self

from dashtam.application.use_case import UseCase
from dashtam.container.ports import Ports
from domain.connections.entities import Connection
from domain.connections.schedule import Due
from domain.connections.values import STATEMENT_FILES, Credentials, DueReason, ProviderSlug
from domain.identity.entities import User
from domain.identity.values import RecoveryCode
from domain.ledger.entities import Account
from domain.ledger.imports import StatementImport
from domain.ledger.values import MatchResult
from domain.shared.ids import UserId
from domain.shared.result import Success
from tests.factories import (
    NOON,
    imported_row,
    make_account,
    make_api_token,
    make_connected_app,
    make_connection,
    make_consent,
    make_import,
    make_link,
    make_mailed_token,
    make_merge,
    make_pending_step,
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

    async def connection(
        self, user: User, institution: str = "Northbank", provider: ProviderSlug = STATEMENT_FILES
    ) -> Connection:
        connection = make_connection(user.id, institution, provider)
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
        await self._fill_identity(account.user_id)
        source = await self.source(account)
        await self._fill_connection(account, source)
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

    async def _fill_connection(self, account: Account, source: StatementImport) -> None:
        connection = make_connection(account.user_id)
        connection = replace(connection, id=account.connection_id)
        owner, secret = account.user_id, Credentials(b"secret")
        link = make_link(connection, account_id=account.id, import_id=source.id)
        await self.vault.store(connection.id, secret, owner=owner)
        await self.pending_steps.store(connection.id, make_pending_step(), owner=owner)
        await self.connections.save_links([link])
        await self.connections.add_consent(make_consent(connection))
        due = Due(NOON, DueReason.INTERVAL)
        await self.sync_schedule.set_due(connection.id, due, owner=owner)
        await self.sync_schedule.count_request(connection.id, "", NOON.date(), owner=owner, most=9)

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
