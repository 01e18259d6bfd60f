"""All ports, and all settings that a use case has."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.concurrency_limit import ConcurrencyLimit
from dashtam.application.ledger.read_statement import Unpack
from dashtam.application.ledger.reading_queue import ReadingQueue
from domain.audit import ports as audit
from domain.connections.ports import (
    ConnectionRepository,
    CredentialVault,
    KeyRotation,
    PendingSteps,
    SyncSchedule,
)
from domain.connections.providers import Provider
from domain.identity import ports as identity
from domain.identity.personal_data import PersonalDataRepository, PersonalDataWriter
from domain.ledger import ports as ledger
from domain.ledger.quotas import Quota
from domain.shared import limits
from domain.shared import ports as shared
from domain.sharing.ports import ConnectedAppRepository
from domain.sharing.shared_ledger import SharedLedgerWriter, SharedTransactions
from domain.staff.ports import EnrolmentSeals, StaffFactorRepository, StaffRepository


@dataclass(frozen=True, kw_only=True)
class PeoplePorts:
    """Ports for users and staff, and for logging in."""

    users: identity.UserRepository
    sessions: identity.SessionRepository
    refresh_tokens: identity.RefreshTokenRepository
    mailed_tokens: identity.MailedTokenRepository
    second_factors: identity.SecondFactorRepository
    api_tokens: identity.ApiTokenRepository
    hasher: identity.PasswordHasher
    password_policy: identity.PasswordPolicy
    password_limit: ConcurrencyLimit
    one_time_codes: identity.OneTimeCodes
    tokens: identity.TokenIssuer
    devices: identity.DeviceTokens
    mailer: identity.Mailer
    personal_data: PersonalDataRepository
    personal_data_writer: PersonalDataWriter
    staff: StaffRepository
    staff_factors: StaffFactorRepository
    enrolment_seals: EnrolmentSeals


@dataclass(frozen=True, kw_only=True)
class ConnectionPorts:
    """Ports for connections to providers. Banks send people back to `redirect_uri`."""

    connections: ConnectionRepository
    vault: CredentialVault
    pending_steps: PendingSteps
    sync_schedule: SyncSchedule
    providers: Sequence[Provider]
    redirect_uri: str
    key_rotation: KeyRotation


@dataclass(frozen=True, kw_only=True)
class LedgerPorts:
    """Ports for accounts, transactions and statement files."""

    accounts: ledger.AccountRepository
    accounts_per_user: int
    freshness: ledger.FreshnessRepository
    transactions: ledger.TransactionRepository
    history: ledger.TransactionHistory
    deleted_transactions: ledger.DeletedTransactions
    entries_by_hand: ledger.EntriesByHand
    conflicts: ledger.ConflictRepository
    changes: ledger.ChangeFeed
    categories: ledger.CategoryRepository
    merges: ledger.MergeRepository
    rules: ledger.RuleRepository
    rule_applications: ledger.RuleApplicationRepository
    transfers: ledger.TransferRepository
    matches: ledger.MatchRepository
    balances: ledger.BalanceRepository
    daily_balances: ledger.DailyBalanceRepository
    holdings: ledger.HoldingRepository
    net_worth: ledger.NetWorthRepository
    exchange_rates: ledger.ExchangeRateRepository
    rate_reader: ledger.RateReader
    statements: ledger.StatementRepository
    reconciliations: ledger.ReconciliationRepository
    ledgers: ledger.LedgerSource
    ledger_writers: Sequence[ledger.LedgerWriter]


@dataclass(frozen=True, kw_only=True)
class SharingPorts:
    """Ports for apps that read accounts."""

    connected_apps: ConnectedAppRepository
    shared_transactions: SharedTransactions
    shared_ledger_writer: SharedLedgerWriter


@dataclass(frozen=True, kw_only=True)
class FilePorts:
    """What files are imported with: they are read, stored and limited."""

    imports: ledger.ImportRepository
    files: ledger.FileArchive
    previews: ledger.PreviewRepository
    import_progress: ledger.ImportProgressStore
    csv_profiles: ledger.CsvProfileRepository
    csv_sampler: ledger.CsvSampler
    statement_readers: Sequence[ledger.StatementReader]
    reader_version: str
    reading_queue: ReadingQueue
    unpack: Unpack
    quota_meter: ledger.QuotaMeter
    quota: Quota
    max_file_bytes: int
    background_bytes: int


@dataclass(frozen=True, kw_only=True)
class Ports(PeoplePorts, ConnectionPorts, LedgerPorts, SharingPorts, FilePorts):
    """All ports: production makes this record of adapters, and tests make one of fakes.

    A use case has the ports whose names are its fields.
    """

    clock: shared.Clock
    unit_of_work: shared.UnitOfWorkFactory
    audit_trail: audit.AuditTrail
    outbox: audit.Outbox
    rate_limiter: limits.RateLimiter
    attempts: limits.LoginAttemptLimiter
