"""Every port and its adapter, every use case, and who reacts to which fact."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from adapters.clock import SystemClock
from adapters.events import Delivery, Reactions, Relay, Subscription, WakingPublisher, on
from adapters.mail import DjangoMailer
from adapters.persistence.audit.mac import MacKeys
from adapters.persistence.audit.trail import DjangoAuditTrail
from adapters.persistence.connections.repositories import DjangoConnectionRepository
from adapters.persistence.connections.vault import DjangoCredentialVault
from adapters.persistence.database import Database
from adapters.persistence.identity.repositories import (
    DjangoSessionRepository,
    DjangoUserRepository,
)
from adapters.persistence.ledger.repositories import (
    DjangoAccountRepository,
    DjangoBalanceRepository,
    DjangoImportRepository,
    DjangoTransactionRepository,
    SealedFileArchive,
)
from adapters.persistence.outbox.outbox import DjangoOutbox
from adapters.persistence.roles import Role
from adapters.persistence.unit_of_work import DjangoUnitOfWork
from adapters.security.envelope import Keyring
from adapters.security.passwords import Argon2Hasher
from adapters.security.tokens import RandomTokens
from adapters.statements.camt import CamtReader
from adapters.statements.csv import CsvReader
from adapters.statements.mt940 import Mt940Reader
from adapters.statements.ofx import OfxReader
from adapters.statements.packed import unpack
from adapters.statements.qif import QifReader
from dashtam import keys
from dashtam.application.audit.queries import ShowAuditTrail
from dashtam.application.audit.resend_events import ResendEvents
from dashtam.application.connections.rotate_keys import RotateKeys
from dashtam.application.identity.authenticate import Authenticate
from dashtam.application.identity.log_in import LogIn
from dashtam.application.identity.log_out import LogOut
from dashtam.application.identity.queries import ShowProfile
from dashtam.application.identity.register_user import RegisterUser
from dashtam.application.identity.welcome_user import WelcomeUser
from dashtam.application.ledger.account_directory import AccountDirectory
from dashtam.application.ledger.delete_transaction import DeleteTransaction
from dashtam.application.ledger.edit_transaction import EditTransaction
from dashtam.application.ledger.enter_statement import EnterStatement
from dashtam.application.ledger.import_queries import ListImports, ShowImport
from dashtam.application.ledger.import_statement import ImportStatement
from dashtam.application.ledger.queries import (
    ListAccounts,
    ListBalances,
    ListTransactions,
    ShowAccount,
    ShowTransaction,
)
from dashtam.application.ledger.read_statement import ReadStatement
from dashtam.application.ledger.undo_import import UndoImport
from domain.audit.ports import AuditTrail, Outbox
from domain.connections.ports import ConnectionRepository, CredentialVault
from domain.identity.events import UserRegistered
from domain.identity.ports import (
    Mailer,
    PasswordHasher,
    SessionRepository,
    TokenIssuer,
    UserRepository,
)
from domain.ledger.ports import (
    AccountRepository,
    BalanceRepository,
    FileArchive,
    ImportRepository,
    StatementReader,
    TransactionRepository,
)
from domain.shared.ports import Clock, UnitOfWork, UnitOfWorkFactory

if TYPE_CHECKING:
    # Redis is there only where it is used: see requirements/scale.txt.
    from types import ModuleType

    from adapters.events.streams import StreamConsumer


class Basics(TypedDict):
    """What every use case takes."""

    clock: Clock
    unit_of_work: UnitOfWorkFactory
    audit_trail: AuditTrail


class Container:
    """Everything that lives as long as the process, each made when it is first asked for."""

    # What is used

    @cached_property
    def database(self) -> Database:
        return Database(
            size=settings.DB_POOL_SIZE, timeout=settings.DB_POOL_TIMEOUT, role=Role.APPLICATION
        )

    @cached_property
    def clock(self) -> Clock:
        return SystemClock()

    @cached_property
    def audit_trail(self) -> DjangoAuditTrail:
        return DjangoAuditTrail(self.database, lambda: self.mac_keys)

    @cached_property
    def mac_keys(self) -> MacKeys:
        return MacKeys(keys.of("AUDIT_MAC_KEYS"))

    @cached_property
    def users(self) -> UserRepository:
        return DjangoUserRepository(self.database)

    @cached_property
    def sessions(self) -> SessionRepository:
        return DjangoSessionRepository(self.database)

    @cached_property
    def connections(self) -> ConnectionRepository:
        return DjangoConnectionRepository(self.database)

    @cached_property
    def keyring(self) -> Keyring:
        return Keyring(keys.of("CREDENTIAL_KEYS"))

    @cached_property
    def files(self) -> FileArchive:
        return SealedFileArchive(self.database, lambda: self.keyring)

    @cached_property
    def vault(self) -> CredentialVault:
        return DjangoCredentialVault(self.database, self.keyring)

    @cached_property
    def accounts(self) -> AccountRepository:
        return DjangoAccountRepository(self.database)

    @cached_property
    def transactions(self) -> TransactionRepository:
        return DjangoTransactionRepository(self.database)

    @cached_property
    def balances(self) -> BalanceRepository:
        return DjangoBalanceRepository(self.database)

    @cached_property
    def imports(self) -> ImportRepository:
        return DjangoImportRepository(self.database)

    @cached_property
    def hasher(self) -> PasswordHasher:
        return Argon2Hasher()

    @cached_property
    def tokens(self) -> TokenIssuer:
        return RandomTokens()

    @cached_property
    def mailer(self) -> Mailer:
        return DjangoMailer()

    @cached_property
    def statement_readers(self) -> Sequence[StatementReader]:
        return [CamtReader(), OfxReader(), QifReader(), Mt940Reader(), CsvReader()]

    # Who reacts to what

    @cached_property
    def subscriptions(self) -> Sequence[Subscription]:
        return [on(UserRegistered, self.welcome_user, outside=True)]

    @cached_property
    def relay(self) -> Relay:
        return Relay(self.database, self._delivery)

    @property
    def _delivery(self) -> Delivery:
        if not settings.EVENT_STREAM_URL:
            return Reactions(self.database, self.subscriptions)
        streams = _streams()
        made: Delivery = streams.RedisStream(streams.redis_at(settings.EVENT_STREAM_URL))
        return made

    def stream_consumer(self) -> "StreamConsumer":
        streams = _streams()
        redis = streams.redis_at(settings.EVENT_STREAM_URL)
        reactions = Reactions(self.database, self.subscriptions)
        made: StreamConsumer = streams.StreamConsumer(self.database, redis, reactions)
        return made

    @cached_property
    def publisher(self) -> WakingPublisher:
        return WakingPublisher(self.database)

    @cached_property
    def outbox(self) -> Outbox:
        return DjangoOutbox(self.database)

    async def drain(self) -> None:
        """Deliver what is on its way, here and now."""
        await self.publisher.drain()
        await self.relay.deliver_all()

    def unit_of_work(self, *, owner: UUID | None = None) -> UnitOfWork:
        return DjangoUnitOfWork(self.database, self.audit_trail, self.publisher, owner)

    @cached_property
    def basics(self) -> Basics:
        return Basics(
            clock=self.clock, unit_of_work=self.unit_of_work, audit_trail=self.audit_trail
        )

    # Identity

    @cached_property
    def register_user(self) -> RegisterUser:
        return RegisterUser(users=self.users, hasher=self.hasher, **self.basics)

    @cached_property
    def log_in(self) -> LogIn:
        return LogIn(
            users=self.users,
            sessions=self.sessions,
            hasher=self.hasher,
            tokens=self.tokens,
            **self.basics,
        )

    @cached_property
    def authenticate(self) -> Authenticate:
        return Authenticate(sessions=self.sessions, **self.basics)

    @cached_property
    def log_out(self) -> LogOut:
        return LogOut(sessions=self.sessions, **self.basics)

    @cached_property
    def show_profile(self) -> ShowProfile:
        return ShowProfile(users=self.users, **self.basics)

    @cached_property
    def welcome_user(self) -> WelcomeUser:
        return WelcomeUser(users=self.users, mailer=self.mailer, unit_of_work=self.unit_of_work)

    # Connections

    @cached_property
    def rotate_keys(self) -> RotateKeys:
        return RotateKeys(vault=self.vault, files=self.files, **self.basics)

    # Ledger

    @cached_property
    def read_statement(self) -> ReadStatement:
        return ReadStatement(
            readers=self.statement_readers, unpack=unpack, max_bytes=settings.IMPORT_MAX_BYTES
        )

    @cached_property
    def import_statement(self) -> ImportStatement:
        return ImportStatement(
            read_statement=self.read_statement,
            directory=AccountDirectory(
                connections=self.connections, accounts=self.accounts, clock=self.clock
            ),
            accounts=self.accounts,
            enter_statement=EnterStatement(transactions=self.transactions, balances=self.balances),
            imports=self.imports,
            files=self.files,
            **self.basics,
        )

    @cached_property
    def list_imports(self) -> ListImports:
        return ListImports(imports=self.imports, **self.basics)

    @cached_property
    def show_import(self) -> ShowImport:
        return ShowImport(imports=self.imports, **self.basics)

    @cached_property
    def undo_import(self) -> UndoImport:
        return UndoImport(
            accounts=self.accounts,
            imports=self.imports,
            transactions=self.transactions,
            **self.basics,
        )

    @cached_property
    def edit_transaction(self) -> EditTransaction:
        return EditTransaction(transactions=self.transactions, **self.basics)

    @cached_property
    def delete_transaction(self) -> DeleteTransaction:
        return DeleteTransaction(transactions=self.transactions, **self.basics)

    @cached_property
    def list_accounts(self) -> ListAccounts:
        return ListAccounts(accounts=self.accounts, balances=self.balances, **self.basics)

    @cached_property
    def show_account(self) -> ShowAccount:
        return ShowAccount(accounts=self.accounts, balances=self.balances, **self.basics)

    @cached_property
    def list_balances(self) -> ListBalances:
        return ListBalances(accounts=self.accounts, balances=self.balances, **self.basics)

    @cached_property
    def list_transactions(self) -> ListTransactions:
        return ListTransactions(
            accounts=self.accounts, transactions=self.transactions, **self.basics
        )

    @cached_property
    def show_transaction(self) -> ShowTransaction:
        return ShowTransaction(transactions=self.transactions, **self.basics)

    # Audit

    @cached_property
    def show_audit_trail(self) -> ShowAuditTrail:
        return ShowAuditTrail(audit_trail=self.audit_trail)

    @cached_property
    def resend_events(self) -> ResendEvents:
        return ResendEvents(outbox=self.outbox, **self.basics)


def _streams() -> "ModuleType":
    if not settings.EVENT_STREAM_URL:
        raise ImproperlyConfigured("There are no streams: the setting EVENT_STREAM_URL is missing.")
    try:
        from adapters.events import streams
    except ImportError:
        raise ImproperlyConfigured(
            "EVENT_STREAM_URL needs Redis: pip install -r requirements/scale.txt"
        ) from None
    return streams


container = Container()
