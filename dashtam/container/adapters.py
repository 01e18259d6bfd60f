"""Every port and its adapter."""

from collections.abc import Sequence
from functools import cached_property
from typing import TypedDict
from uuid import UUID

from django.conf import settings

from adapters.audit.mac import MacKeys
from adapters.audit.trail import DjangoAuditTrail
from adapters.clock import SystemClock
from adapters.events import WakingPublisher
from adapters.exports.beancount import BeancountWriter
from adapters.exports.csv_file import CsvWriter
from adapters.exports.ofx import OfxWriter
from adapters.mail import DjangoMailer
from adapters.persistence.connections.repositories import DjangoConnectionRepository
from adapters.persistence.connections.vault import DjangoCredentialVault
from adapters.persistence.database import Bounds, Database
from adapters.persistence.identity.repositories import (
    DjangoApiTokenRepository,
    DjangoMailedTokenRepository,
    DjangoRefreshTokenRepository,
    DjangoSessionRepository,
    DjangoUserRepository,
    SealedSecondFactorRepository,
)
from adapters.persistence.ledger.repositories import (
    DjangoAccountRepository,
    DjangoBalanceRepository,
    DjangoCsvProfileRepository,
    DjangoHoldingRepository,
    DjangoImportRepository,
    DjangoLedgerSource,
    DjangoNetWorthRepository,
    DjangoProgressBoard,
    DjangoStatementRepository,
    DjangoTransactionHistory,
    DjangoTransactionRepository,
    DjangoTransferRepository,
    PostgresChangeFeed,
    PostgresQuotaMeter,
    PostgresRepetitions,
    SealedFileArchive,
    SealedPreviewRepository,
)
from adapters.persistence.limits.guesses import PostgresGuessLimiter
from adapters.persistence.limits.rates import PostgresRateLimiter
from adapters.persistence.outbox.outbox import DjangoOutbox
from adapters.persistence.roles import Role
from adapters.persistence.unit_of_work import DjangoUnitOfWork
from adapters.reading import IsolatedReader, IsolatedSampler, IsolatedUnpack, Limits, WorkerPool
from adapters.security.devices import SignedDeviceTokens
from adapters.security.envelope import Keyring
from adapters.security.guessing import PatternJudge
from adapters.security.one_time_codes import TimeBasedCodes
from adapters.security.passwords import Argon2Hasher
from adapters.security.tokens import RandomTokens
from adapters.statements.readers import statement_readers
from dashtam import keys
from dashtam.application.ledger.read_statement import Unpack
from domain.audit.ports import AuditTrail, Outbox
from domain.connections.ports import ConnectionRepository, CredentialVault
from domain.identity.ports import (
    ApiTokenRepository,
    DeviceTokens,
    MailedTokenRepository,
    Mailer,
    OneTimeCodes,
    PasswordHasher,
    PasswordJudge,
    RefreshTokenRepository,
    SecondFactorRepository,
    SessionRepository,
    TokenIssuer,
    UserRepository,
)
from domain.ledger.ports import (
    AccountRepository,
    BalanceRepository,
    ChangeFeed,
    CsvProfileRepository,
    CsvSampler,
    FileArchive,
    HoldingRepository,
    ImportRepository,
    LedgerSource,
    LedgerWriter,
    NetWorthRepository,
    PreviewRepository,
    ProgressBoard,
    QuotaMeter,
    Repetitions,
    StatementReader,
    StatementRepository,
    TransactionHistory,
    TransactionRepository,
    TransferRepository,
)
from domain.shared.limits import GuessLimiter, RateLimiter
from domain.shared.ports import Clock, UnitOfWork, UnitOfWorkFactory

#: So long a check waits for the one before it.
HEALTH_SECONDS = 2.0


class Basics(TypedDict):
    """What every use case takes."""

    clock: Clock
    unit_of_work: UnitOfWorkFactory
    audit_trail: AuditTrail


class Adapters:
    """What use cases are made of, each made when it is first asked for."""

    @cached_property
    def database(self) -> Database:
        return Database(
            size=settings.DB_POOL_SIZE,
            timeout=settings.DB_POOL_TIMEOUT,
            role=Role.APPLICATION,
            bounds=Bounds(
                per_user=settings.DB_CONNECTIONS_PER_USER, reading=settings.DB_READING_TIMEOUT
            ),
        )

    @cached_property
    def health_database(self) -> Database:
        """A connection that no request can take, to tell whether the database answers."""
        return Database(size=1, timeout=HEALTH_SECONDS, role=Role.APPLICATION)

    @cached_property
    def figures_database(self) -> Database:
        """Another, to count what waits: that may take longer."""
        return Database(size=1, timeout=HEALTH_SECONDS, role=Role.APPLICATION)

    @cached_property
    def clock(self) -> Clock:
        return SystemClock()

    @cached_property
    def rate_limiter(self) -> RateLimiter:
        return PostgresRateLimiter(self.database)

    @cached_property
    def guess_limiter(self) -> GuessLimiter:
        return PostgresGuessLimiter(self.database)

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
    def refresh_tokens(self) -> RefreshTokenRepository:
        return DjangoRefreshTokenRepository(self.database)

    @cached_property
    def mailed_tokens(self) -> MailedTokenRepository:
        return DjangoMailedTokenRepository(self.database)

    @cached_property
    def second_factors(self) -> SecondFactorRepository:
        return SealedSecondFactorRepository(self.database, lambda: self.keyring)

    @cached_property
    def api_tokens(self) -> ApiTokenRepository:
        return DjangoApiTokenRepository(self.database)

    @cached_property
    def connections(self) -> ConnectionRepository:
        return DjangoConnectionRepository(self.database)

    @cached_property
    def keyring(self) -> Keyring:
        return Keyring(keys.of("CREDENTIAL_KEYS"))

    @cached_property
    def previews(self) -> PreviewRepository:
        return SealedPreviewRepository(self.database, lambda: self.keyring)

    @cached_property
    def quota_meter(self) -> QuotaMeter:
        return PostgresQuotaMeter(self.database)

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
    def transfers(self) -> TransferRepository:
        return DjangoTransferRepository(self.database)

    @cached_property
    def history(self) -> TransactionHistory:
        return DjangoTransactionHistory(self.database)

    @cached_property
    def changes(self) -> ChangeFeed:
        return PostgresChangeFeed(self.database)

    @cached_property
    def balances(self) -> BalanceRepository:
        return DjangoBalanceRepository(self.database)

    @cached_property
    def holdings(self) -> HoldingRepository:
        return DjangoHoldingRepository(self.database)

    @cached_property
    def net_worth(self) -> NetWorthRepository:
        return DjangoNetWorthRepository(self.database)

    @cached_property
    def repetitions(self) -> Repetitions:
        return PostgresRepetitions(self.database)

    @cached_property
    def imports(self) -> ImportRepository:
        return DjangoImportRepository(self.database)

    @cached_property
    def statements(self) -> StatementRepository:
        return DjangoStatementRepository(self.database)

    @cached_property
    def board(self) -> ProgressBoard:
        return DjangoProgressBoard(self.database)

    @cached_property
    def csv_profiles(self) -> CsvProfileRepository:
        return DjangoCsvProfileRepository(self.database)

    @cached_property
    def workers(self) -> WorkerPool:
        return WorkerPool(
            Limits(
                seconds=settings.IMPORT_MAX_SECONDS,
                memory=settings.IMPORT_MAX_MEMORY,
                max_rows=settings.IMPORT_MAX_ROWS,
            )
        )

    @cached_property
    def csv_sampler(self) -> CsvSampler:
        return IsolatedSampler(self.workers)

    @cached_property
    def unpack(self) -> Unpack:
        return IsolatedUnpack(self.workers)

    @cached_property
    def hasher(self) -> PasswordHasher:
        return Argon2Hasher()

    @cached_property
    def password_judge(self) -> PasswordJudge:
        return PatternJudge()

    @cached_property
    def one_time_codes(self) -> OneTimeCodes:
        return TimeBasedCodes()

    @cached_property
    def tokens(self) -> TokenIssuer:
        return RandomTokens()

    @cached_property
    def devices(self) -> DeviceTokens:
        return SignedDeviceTokens(settings.SECRET_KEY)

    @cached_property
    def mailer(self) -> Mailer:
        return DjangoMailer()

    @cached_property
    def statement_readers(self) -> Sequence[StatementReader]:
        return [IsolatedReader(reader, self.workers) for reader in statement_readers()]

    @cached_property
    def ledger_writers(self) -> Sequence[LedgerWriter]:
        return [BeancountWriter(), CsvWriter(), OfxWriter()]

    @cached_property
    def ledgers(self) -> LedgerSource:
        return DjangoLedgerSource(self.database)

    @cached_property
    def publisher(self) -> WakingPublisher:
        return WakingPublisher(self.database)

    @cached_property
    def outbox(self) -> Outbox:
        return DjangoOutbox(self.database)

    @cached_property
    def backlog(self) -> Outbox:
        return DjangoOutbox(self.figures_database)

    def unit_of_work(self, *, owner: UUID | None = None, snapshot: bool = False) -> UnitOfWork:
        return DjangoUnitOfWork(
            self.database, self.audit_trail, self.publisher, owner, snapshot=snapshot
        )

    @cached_property
    def basics(self) -> Basics:
        return Basics(
            clock=self.clock, unit_of_work=self.unit_of_work, audit_trail=self.audit_trail
        )
