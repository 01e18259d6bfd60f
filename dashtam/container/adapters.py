"""The adapter of every port in production."""

from dataclasses import replace
from functools import cached_property, partial

from django.conf import settings

from adapters.audit.mac import MacKeys
from adapters.audit.trail import DjangoAuditTrail
from adapters.clock import SystemClock
from adapters.events import WakingPublisher
from adapters.exports.beancount import BeancountWriter
from adapters.exports.csv_file import CsvWriter
from adapters.exports.everything import EverythingWriter
from adapters.exports.ofx import OfxWriter
from adapters.exports.simplefin import SimpleFinWriter
from adapters.mail import DjangoMailer
from adapters.persistence.connections.repositories import DjangoConnectionRepository
from adapters.persistence.connections.schedule import PostgresSyncSchedule
from adapters.persistence.connections.vault import DjangoCredentialVault, SealedPendingSteps
from adapters.persistence.database import Bounds, Database
from adapters.persistence.identity.second_factors import SealedSecondFactorRepository
from adapters.persistence.identity.sessions import (
    DjangoRefreshTokenRepository,
    DjangoSessionRepository,
)
from adapters.persistence.identity.tokens import (
    DjangoApiTokenRepository,
    DjangoMailedTokenRepository,
)
from adapters.persistence.identity.users import DjangoUserRepository
from adapters.persistence.ledger.accounts import DjangoAccountRepository
from adapters.persistence.ledger.by_hand import PostgresEntriesByHand
from adapters.persistence.ledger.categories import DjangoCategoryRepository
from adapters.persistence.ledger.changes import PostgresChangeFeed
from adapters.persistence.ledger.conflicts import PostgresConflictRepository
from adapters.persistence.ledger.csv_profiles import DjangoCsvProfileRepository
from adapters.persistence.ledger.daily_balances import DjangoDailyBalanceRepository
from adapters.persistence.ledger.deletions import PostgresDeletedTransactions
from adapters.persistence.ledger.exchange_rates import DjangoExchangeRateRepository
from adapters.persistence.ledger.exports import DjangoLedgerSource
from adapters.persistence.ledger.files import PostgresQuotaMeter, SealedFileArchive
from adapters.persistence.ledger.freshness import PostgresFreshnessRepository
from adapters.persistence.ledger.holdings import DjangoBalanceRepository, DjangoHoldingRepository
from adapters.persistence.ledger.imports import DjangoImportProgressStore, DjangoImportRepository
from adapters.persistence.ledger.matches import DjangoMatchRepository
from adapters.persistence.ledger.merges import DjangoMergeRepository
from adapters.persistence.ledger.net_worth import DjangoNetWorthRepository
from adapters.persistence.ledger.previews import SealedPreviewRepository
from adapters.persistence.ledger.reconciliations import PostgresReconciliationRepository
from adapters.persistence.ledger.rule_applications import PostgresRuleApplicationRepository
from adapters.persistence.ledger.rules import DjangoRuleRepository
from adapters.persistence.ledger.statements import DjangoStatementRepository
from adapters.persistence.ledger.transactions import (
    DjangoTransactionHistory,
    DjangoTransactionRepository,
)
from adapters.persistence.ledger.transfers import DjangoTransferRepository
from adapters.persistence.limits.attempts import PostgresLoginAttemptLimiter
from adapters.persistence.limits.rates import PostgresRateLimiter
from adapters.persistence.outbox.outbox import DjangoOutbox
from adapters.persistence.personal_data import DjangoPersonalDataRepository
from adapters.persistence.roles import Role
from adapters.persistence.sealing import DjangoKeyRotation
from adapters.persistence.sharing.connected_apps import DjangoConnectedAppRepository
from adapters.persistence.sharing.shared_transactions import PostgresSharedTransactions
from adapters.persistence.staff.repositories import DjangoStaffRepository, SealedStaffFactors
from adapters.persistence.unit_of_work import DjangoUnitOfWork
from adapters.providers.enable_banking.provider import EnableBankingSettings
from adapters.providers.registry import ProviderSettings, providers
from adapters.rates.ecb import read_rates
from adapters.reading import IsolatedReader, IsolatedSampler, IsolatedUnpack, Limits, WorkerPool
from adapters.reading.pool import READINGS_AT_ONCE
from adapters.security.devices import SignedDeviceTokens
from adapters.security.enrolments import SealedEnrolments
from adapters.security.envelope import Keyring
from adapters.security.one_time_codes import TimeBasedCodes
from adapters.security.passwords import Argon2Hasher
from adapters.security.tokens import RandomTokens
from adapters.security.weak_passwords import ZxcvbnPolicy
from adapters.statements.reader_version import reader_version
from adapters.statements.readers import statement_readers
from dashtam import keys
from dashtam.application.concurrency_limit import ConcurrencyLimit
from dashtam.application.ledger.reading_queue import ReadingQueue
from dashtam.container.ports import (
    ConnectionPorts,
    FilePorts,
    LedgerPorts,
    PeoplePorts,
    Ports,
    SharingPorts,
)
from domain.audit.ports import Outbox
from domain.ledger.quotas import Quota

#: Seconds that a health check waits for the previous one.
HEALTH_SECONDS = 2.0
# A page needs a connection for a moment, and there are few members of staff.
STAFF_CONNECTIONS = 4
# Many processes fit on one PostgreSQL if each of them keeps only the connections of the API open.
NOT_KEPT = 0.0
# One password is hashed while other requests use the database.
LOG_INS_AT_ONCE = 4


class Adapters:
    """The adapters of a process, each made when it is first used.

    Making the ports requires no key, starts no process and connects to nothing.
    """

    @cached_property
    def ports(self) -> Ports:
        """The ports of use cases that serve users."""
        database, trail = self.database, self.audit_trail
        return Ports(
            clock=SystemClock(),
            unit_of_work=partial(DjangoUnitOfWork, database, trail, self.publisher),
            audit_trail=trail,
            outbox=DjangoOutbox(database),
            rate_limiter=PostgresRateLimiter(database),
            attempts=PostgresLoginAttemptLimiter(database),
            **vars(self._people()),
            **vars(self._connections()),
            **vars(self._ledger()),
            **vars(self._sharing()),
            **vars(self._files()),
        )

    def ports_on(self, database: Database) -> Ports:
        """The ports of use cases of staff, with the database role of staff."""
        trail = self._trail(database)
        return replace(
            self.ports,
            unit_of_work=partial(DjangoUnitOfWork, database, trail, self.publisher),
            audit_trail=trail,
            rate_limiter=PostgresRateLimiter(database),
            attempts=PostgresLoginAttemptLimiter(database),
            hasher=self.staff_hasher,
            staff=DjangoStaffRepository(database),
            staff_factors=SealedStaffFactors(database, lambda: self.keyring),
        )

    # Connections to the database

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
        """A connection for the health check, which no request can use up."""
        return Database(size=1, timeout=HEALTH_SECONDS, max_age=NOT_KEPT, role=Role.APPLICATION)

    @cached_property
    def figures_database(self) -> Database:
        """A connection for metrics, whose counting may take longer."""
        return Database(size=1, timeout=HEALTH_SECONDS, max_age=NOT_KEPT, role=Role.APPLICATION)

    @cached_property
    def staff_database(self) -> Database:
        """Connections with the role of staff; the role of the API has no right to their tables."""
        return Database(size=STAFF_CONNECTIONS, max_age=NOT_KEPT, role=Role.STAFF)

    @cached_property
    def operator_database(self) -> Database:
        """Connections with the role of the operator, which no server process can take."""
        return Database(size=1, role=Role.OPERATOR)

    # Parts that several ports share

    @cached_property
    def mac_keys(self) -> MacKeys:
        return MacKeys(keys.of("AUDIT_MAC_KEYS"))

    @cached_property
    def keyring(self) -> Keyring:
        return Keyring(keys.of("CREDENTIAL_KEYS"))

    @cached_property
    def publisher(self) -> WakingPublisher:
        return WakingPublisher(self.database)

    @cached_property
    def audit_trail(self) -> DjangoAuditTrail:
        return self._trail(self.database)

    @cached_property
    def backlog(self) -> Outbox:
        return DjangoOutbox(self.figures_database)

    @cached_property
    def staff_hasher(self) -> Argon2Hasher:
        """Hashes in a thread of its own, so that log-ins of users do not delay staff."""
        return Argon2Hasher(workers=1)

    def _trail(self, database: Database) -> DjangoAuditTrail:
        return DjangoAuditTrail(database, lambda: self.mac_keys)

    def _people(self) -> PeoplePorts:
        database = self.database
        return PeoplePorts(
            users=DjangoUserRepository(database),
            sessions=DjangoSessionRepository(database),
            refresh_tokens=DjangoRefreshTokenRepository(database),
            mailed_tokens=DjangoMailedTokenRepository(database),
            second_factors=SealedSecondFactorRepository(database, lambda: self.keyring),
            api_tokens=DjangoApiTokenRepository(database),
            hasher=Argon2Hasher(),
            password_policy=ZxcvbnPolicy(),
            password_limit=ConcurrencyLimit(LOG_INS_AT_ONCE),
            one_time_codes=TimeBasedCodes(),
            tokens=RandomTokens(),
            devices=SignedDeviceTokens(settings.SECRET_KEY),
            mailer=DjangoMailer(),
            personal_data=DjangoPersonalDataRepository(database, lambda: self.keyring),
            personal_data_writer=EverythingWriter(),
            staff=DjangoStaffRepository(database),
            staff_factors=SealedStaffFactors(database, lambda: self.keyring),
            enrolment_seals=SealedEnrolments(lambda: self.keyring),
        )

    def _connections(self) -> ConnectionPorts:
        database = self.database
        return ConnectionPorts(
            connections=DjangoConnectionRepository(database),
            vault=DjangoCredentialVault(database, lambda: self.keyring),
            pending_steps=SealedPendingSteps(database, lambda: self.keyring),
            sync_schedule=PostgresSyncSchedule(database),
            providers=providers(_provider_settings()),
            redirect_uri=f"{settings.PUBLIC_URL or settings.LOCAL_URL}/connections/callback",
            key_rotation=DjangoKeyRotation(database, lambda: self.keyring),
        )

    def _ledger(self) -> LedgerPorts:
        database = self.database
        return LedgerPorts(
            accounts=DjangoAccountRepository(database),
            accounts_per_user=settings.ACCOUNTS_PER_USER,
            freshness=PostgresFreshnessRepository(database),
            transactions=DjangoTransactionRepository(database),
            history=DjangoTransactionHistory(database),
            deleted_transactions=PostgresDeletedTransactions(database),
            entries_by_hand=PostgresEntriesByHand(database),
            conflicts=PostgresConflictRepository(database),
            changes=PostgresChangeFeed(database),
            categories=DjangoCategoryRepository(database),
            rules=DjangoRuleRepository(database),
            rule_applications=PostgresRuleApplicationRepository(database),
            transfers=DjangoTransferRepository(database),
            matches=DjangoMatchRepository(database),
            balances=DjangoBalanceRepository(database),
            daily_balances=DjangoDailyBalanceRepository(database),
            holdings=DjangoHoldingRepository(database),
            net_worth=DjangoNetWorthRepository(database),
            merges=DjangoMergeRepository(database),
            exchange_rates=DjangoExchangeRateRepository(database),
            rate_reader=read_rates,
            statements=DjangoStatementRepository(database),
            reconciliations=PostgresReconciliationRepository(database),
            ledgers=DjangoLedgerSource(database),
            ledger_writers=[BeancountWriter(), CsvWriter(), OfxWriter()],
        )

    def _sharing(self) -> SharingPorts:
        return SharingPorts(
            connected_apps=DjangoConnectedAppRepository(self.database),
            shared_transactions=PostgresSharedTransactions(self.database),
            shared_ledger_writer=SimpleFinWriter(),
        )

    def _files(self) -> FilePorts:
        database, workers = self.database, _workers()
        return FilePorts(
            imports=DjangoImportRepository(database),
            files=SealedFileArchive(database, lambda: self.keyring),
            previews=SealedPreviewRepository(database, lambda: self.keyring),
            import_progress=DjangoImportProgressStore(database),
            csv_profiles=DjangoCsvProfileRepository(database),
            csv_sampler=IsolatedSampler(workers),
            statement_readers=[IsolatedReader(reader, workers) for reader in statement_readers()],
            reader_version=reader_version(),
            reading_queue=ReadingQueue(READINGS_AT_ONCE),
            unpack=IsolatedUnpack(workers),
            quota_meter=PostgresQuotaMeter(database),
            quota=Quota(settings.STORAGE_PER_USER, settings.IMPORTS_WAITING_PER_USER),
            max_file_bytes=settings.IMPORT_MAX_BYTES,
            background_bytes=settings.IMPORT_BACKGROUND_BYTES,
        )


def _provider_settings() -> ProviderSettings:
    return ProviderSettings(
        may_be_private=settings.PROVIDERS_MAY_BE_PRIVATE,
        enable_banking=EnableBankingSettings(
            application_id=settings.ENABLE_BANKING_APPLICATION_ID,
            key=settings.ENABLE_BANKING_KEY,
            address=settings.ENABLE_BANKING_URL,
        ),
        fints_product_id=settings.FINTS_PRODUCT_ID,
        sandbox=settings.PROVIDER_SANDBOX,
    )


def _workers() -> WorkerPool:
    return WorkerPool(
        Limits(
            seconds=settings.IMPORT_MAX_SECONDS,
            memory=settings.IMPORT_MAX_MEMORY,
            max_rows=settings.IMPORT_MAX_ROWS,
        )
    )
