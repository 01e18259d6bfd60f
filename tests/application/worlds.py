"""All repositories, in memory."""

from tests.contracts.world import World
from tests.csv_profile_fakes import InMemoryCsvProfileRepository
from tests.export_fakes import InMemoryLedgerSource
from tests.fakes import InMemoryAuditTrail, InMemoryConnectionRepository, Store
from tests.holding_fakes import InMemoryHoldingRepository, InMemoryNetWorthRepository
from tests.identity_fakes import (
    InMemoryApiTokenRepository,
    InMemoryMailedTokenRepository,
    InMemoryRefreshTokenRepository,
    InMemorySecondFactorRepository,
    InMemorySessionRepository,
    InMemoryUserRepository,
)
from tests.import_fakes import InMemoryFileArchive, InMemoryImportRepository, InMemoryQuotaMeter
from tests.ledger_fakes import (
    InMemoryAccountRepository,
    InMemoryBalanceRepository,
    InMemoryProgressBoard,
    InMemoryTransactionRepository,
)
from tests.limit_fakes import InMemoryGuessLimiter, InMemoryRateLimiter
from tests.preview_fakes import InMemoryPreviewRepository
from tests.repetition_fakes import InMemoryRepetitions
from tests.statement_fakes import InMemoryStatementRepository
from tests.transfer_fakes import InMemoryTransferRepository
from tests.vault import InMemoryCredentialVault


def world_over(store: Store) -> World:
    """Return all repositories in memory."""
    return World(
        users=InMemoryUserRepository(store),
        sessions=InMemorySessionRepository(store),
        refresh_tokens=InMemoryRefreshTokenRepository(store),
        mailed_tokens=InMemoryMailedTokenRepository(store),
        second_factors=InMemorySecondFactorRepository(store),
        api_tokens=InMemoryApiTokenRepository(store),
        connections=InMemoryConnectionRepository(store),
        vault=InMemoryCredentialVault(store),
        accounts=InMemoryAccountRepository(store),
        transactions=InMemoryTransactionRepository(store),
        balances=InMemoryBalanceRepository(store),
        holdings=InMemoryHoldingRepository(store),
        net_worth=InMemoryNetWorthRepository(store),
        imports=InMemoryImportRepository(store),
        repetitions=InMemoryRepetitions(store),
        statements=InMemoryStatementRepository(store),
        csv_profiles=InMemoryCsvProfileRepository(store),
        files=InMemoryFileArchive(store),
        previews=InMemoryPreviewRepository(store),
        quota_meter=InMemoryQuotaMeter(store),
        ledgers=InMemoryLedgerSource(store),
        transfers=InMemoryTransferRepository(store),
        board=InMemoryProgressBoard(store),
        audit_trail=InMemoryAuditTrail(store),
        rate_limiter=InMemoryRateLimiter(),
        guess_limiter=InMemoryGuessLimiter(),
    )
