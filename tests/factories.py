"""Examples of domain objects from plain functions: name what matters, and use defaults."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from domain.audit.entities import AuditEntry
from domain.audit.origin import Origin
from domain.connections.entities import Connection, Consent
from domain.connections.links import AccountLink
from domain.connections.ports import PendingStep
from domain.connections.providers import ReportedAccount, Step, Wait
from domain.connections.values import STATEMENT_FILES, ProviderSlug
from domain.identity.entities import (
    ApiToken,
    MailedToken,
    RefreshToken,
    SecondFactor,
    Session,
    User,
)
from domain.identity.values import (
    Email,
    MailPurpose,
    PasswordHash,
    Scope,
    Token,
    TokenKind,
    TotpSecret,
)
from domain.ledger.entities import Account, Transaction
from domain.ledger.imported import BalanceSnapshot, ImportedRow, Stated
from domain.ledger.imports import StatementImport, StatementOutcome
from domain.ledger.kinds import AccountKind, BalanceKind, TransactionKind
from domain.ledger.merges import AccountMerge, MergedRows, Moved
from domain.ledger.previews import QueuedPreview
from domain.ledger.values import (
    AccountReference,
    MatchResult,
    QuarantinedRow,
    Reconciliation,
    Security,
    StatedBalance,
    StatedHolding,
    Statement,
    StatementRow,
    transaction_keys,
)
from domain.shared.events import Actor, AuditResult, ResourceType
from domain.shared.ids import (
    AccountId,
    ApiTokenId,
    ConnectedAppId,
    ConnectionId,
    ImportId,
    MailedTokenId,
    MergeId,
    SecondFactorId,
    SessionId,
    StatementId,
    TransactionId,
    UserId,
    new_id,
)
from domain.shared.money import Money
from domain.shared.result import Success
from domain.sharing.entities import ConnectedApp
from domain.sharing.values import SetupToken

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


def make_user(email: str = "ada@example.org", **changes: Any) -> User:
    user, _ = User.register(
        id=UserId(new_id()), email=Email(email), password_hash=PasswordHash("argon2$x"), at=NOON
    )
    return replace(user, **{"verified_at": NOON, **changes})


def make_session(user_id: UserId, secret: bytes = bytes(32), **changes: Any) -> Session:
    session, _ = Session.open(
        id=SessionId(new_id()), user_id=user_id, token_digest=Token.of(secret).digest, at=NOON
    )
    return replace(session, **changes)


def make_refresh_token(session: Session, secret: bytes = bytes(32), **changes: Any) -> RefreshToken:
    digest = Token.of(secret, TokenKind.REFRESH).digest
    return replace(RefreshToken.issue(session, digest, NOON), **changes)


def make_mailed_token(user_id: UserId, secret: bytes = bytes(32), **changes: Any) -> MailedToken:
    token, _ = MailedToken.issue(
        id=MailedTokenId(new_id()),
        user_id=user_id,
        purpose=MailPurpose.VERIFY_EMAIL,
        email=Email("ada@example.org"),
        digest=Token.of(secret, TokenKind.MAIL).digest,
        at=NOON,
    )
    return replace(token, **changes)


def make_second_factor(user_id: UserId, **changes: Any) -> SecondFactor:
    factor, _ = SecondFactor.enrol(
        id=SecondFactorId(new_id()), user_id=user_id, secret=TotpSecret(b"1" * 20), at=NOON
    )
    return replace(factor, **changes)


def make_api_token(user_id: UserId, secret: bytes = bytes(32), **changes: Any) -> ApiToken:
    token, _ = ApiToken.issue(
        id=ApiTokenId(new_id()),
        user_id=user_id,
        name="Spreadsheet",
        scopes={Scope.READ_ACCOUNTS},
        token_digest=Token.of(secret, TokenKind.API).digest,
        at=NOON,
        expires_at=NOON + timedelta(days=90),
    )
    return replace(token, **changes)


def make_connected_app(user_id: UserId, secret: bytes = bytes(32), **changes: Any) -> ConnectedApp:
    made = ConnectedApp.add(
        id=ConnectedAppId(new_id()),
        user_id=user_id,
        name="Budget",
        account_ids=None,
        setup_token=SetupToken.of(secret),
        at=NOON,
    )
    assert isinstance(made, Success)
    app, _ = made.value
    return replace(app, **changes)


def make_connection(
    user_id: UserId, institution: str = "Northbank", provider: ProviderSlug = STATEMENT_FILES
) -> Connection:
    connection, _ = Connection.establish(
        id=ConnectionId(new_id()),
        user_id=user_id,
        provider=provider,
        institution=institution,
        at=NOON,
    )
    return connection


def make_link(connection: Connection, key: str = "current", **changes: Any) -> AccountLink:
    reported = ReportedAccount(
        key=key, name="Current", number="100200300", institution="Northbank", currency="EUR"
    )
    link = AccountLink.of(
        reported,
        id=new_id(),
        user_id=connection.user_id,
        connection_id=connection.id,
        wanted_from=date(2025, 3, 14),
    )
    return replace(link, **changes)


def make_consent(connection: Connection, **changes: Any) -> Consent:
    consent = Consent(
        id=new_id(),
        user_id=connection.user_id,
        connection_id=connection.id,
        institution=connection.institution,
        given_at=NOON,
    )
    return replace(consent, **changes)


def make_pending_step(step: Step | None = None, **changes: Any) -> PendingStep:
    wait = Wait(text="Confirm in the app of the bank.", poll_after=5, memory=b"a dialog")
    pending = PendingStep(
        step=step or wait, state="a state", expires_at=NOON + timedelta(minutes=15)
    )
    return replace(pending, **changes)


def make_reference(number: str = "100200300", **changes: Any) -> AccountReference:
    reference = AccountReference(
        kind=AccountKind.CHECKING, number=number, institution="Northbank", currency="EUR"
    )
    return replace(reference, **changes)


def make_account(connection: Connection, number: str = "100200300", **changes: Any) -> Account:
    account, _ = Account.add(
        make_reference(number),
        id=AccountId(new_id()),
        user_id=connection.user_id,
        connection_id=connection.id,
        at=NOON,
    )
    return replace(account, **changes)


def make_row(amount: str = "-12.50", day: int = 1, **changes: Any) -> StatementRow:
    row = StatementRow(
        line=10,
        provider_id="F1",
        booking_date=date(2026, 3, day),
        amount=Money(Decimal(amount), "EUR"),
        kind=TransactionKind.DEBIT,
        description="Coffee house",
        payee="Coffee house",
        counterparty_account="DE02120300000000202051",
        reference="E2E-7",
        memo="Two cups",
        raw={"TRNTYPE": "DEBIT"},
    )
    return replace(row, **changes)


def make_statement(*rows: StatementRow, **changes: Any) -> Statement:
    return replace(Statement(account=make_reference(), rows=rows), **changes)


def make_preview(user_id: UserId) -> QueuedPreview:
    """Return a preview that is still to be made."""
    return QueuedPreview(
        id=ImportId(new_id()),
        user_id=user_id,
        file_name="march.ofx",
        digest=sha256(b"march").digest(),
        size=5,
        requested_at=NOON,
    )


def make_import(user_id: UserId, account_id: AccountId | None = None) -> StatementImport:
    outcome = StatementOutcome(
        id=StatementId(new_id()),
        account_id=account_id or AccountId(new_id()),
        currency="EUR",
        number="7",
        first_day=date(2026, 3, 1),
        closing=StatedBalance(
            kind=BalanceKind.BOOKED, money=Money(Decimal("10.50"), "EUR"), day=date(2026, 3, 31)
        ),
        new=1,
        same=2,
        updates=0,
        conflict=3,
        deleted=0,
        balances=1,
        suggested=0,
        reconciliation=Reconciliation.UNKNOWN,
    )
    return StatementImport(
        id=ImportId(new_id()),
        user_id=user_id,
        file_name="march.ofx",
        digest=sha256(b"march").digest(),
        size=5,
        format="ofx",
        imported_at=NOON,
        statements=[outcome],
        quarantined=[QuarantinedRow(7, "no booking date")],
        unread_holdings=[QuarantinedRow(9, "no quantity")],
    )


def make_transaction(
    account: Account, source: StatementImport, row: StatementRow | None = None, **changes: Any
) -> Transaction:
    row = row or make_row()
    (transaction,) = Transaction.from_rows(
        [row],
        transaction_keys([row]),
        [TransactionId(new_id())],
        account=account,
        import_id=source.id,
    )
    return replace(transaction, **changes)


def imported_row(transaction: Transaction, result: MatchResult, *, place: int = 1) -> ImportedRow:
    """Return the imported row that stated a transaction."""
    return ImportedRow(
        import_id=transaction.import_id,
        user_id=transaction.user_id,
        account_id=transaction.account_id,
        transaction_id=transaction.id,
        key=transaction.key,
        day=transaction.booking_date,
        result=result,
        place=place,
        line=transaction.line,
    )


def make_snapshot(
    account: Account, source: StatementImport, amount: str = "100.00", day: int = 1, **changes: Any
) -> BalanceSnapshot:
    snapshot = BalanceSnapshot(
        account_id=account.id,
        user_id=account.user_id,
        import_id=source.id,
        kind=BalanceKind.BOOKED,
        money=Money(Decimal(amount), "EUR"),
        day=date(2026, 3, day),
    )
    return replace(snapshot, **changes)


def make_holding(
    number: str = "XX0000000001", quantity: str = "10", value: str | None = "120.00", **changes: Any
) -> StatedHolding:
    holding = StatedHolding(
        line=20,
        security=Security(scheme="ISIN", number=number, name=f"Fund {number[-1]}", ticker="FND"),
        quantity=Decimal(quantity),
        value=Money(Decimal(value), "EUR") if value else None,
        day=date(2026, 3, 1),
    )
    return replace(holding, **changes)


def just_now() -> datetime:
    """Return when an audited action happened: its id has the time too."""
    return datetime.now(UTC)


def make_entry(minutes: int = 0, **changes: Any) -> AuditEntry:
    actor = Actor.user(new_id())
    entry = AuditEntry(
        id=new_id(),
        action="account.viewed",
        actor=actor,
        resource=ResourceType.ACCOUNT,
        resource_id=new_id(),
        result=AuditResult.SUCCESS,
        occurred_at=just_now() + timedelta(minutes=minutes),
        origin=Origin("ab" * 16, "192.0.2.7", "curl", actor),
        details={"count": 3},
    )
    return replace(entry, **changes)


def make_merge(account: Account, merged: Account, ids: int = 0) -> AccountMerge:
    """Return a merge of one import, with an id of its own for each number."""
    return AccountMerge(
        id=MergeId(UUID(int=new_id().int + ids)),
        user_id=account.user_id,
        account_id=account.id,
        merged=merged,
        merged_at=NOON,
        imports={ImportId(new_id()): ImportId(new_id())},
        rows=MergedRows(new=3, same=2),
        moved=Moved(
            transactions=[TransactionId(new_id())],
            aliases=[new_id()],
            annotated={TransactionId(new_id()): 4},
        ),
    )


def stated_of(transaction: Transaction) -> Stated:
    """Return what a row states that is this transaction."""
    return Stated(
        booking_date=transaction.booking_date,
        amount=transaction.amount,
        payee=transaction.payee,
        description=transaction.description,
    )
