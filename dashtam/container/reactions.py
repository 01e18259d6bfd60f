"""Who reacts to which event."""

from collections.abc import Sequence

from adapters.events import Subscription, on
from dashtam.application.identity.email_reactions import (
    NOTICES,
    ConfirmEmail,
    NotifyUser,
    SendPasswordResetEmail,
    SendRecoveryEmail,
    SendVerificationEmail,
    TellFormerEmail,
    WarnOwner,
)
from dashtam.application.identity.sessions import EndOutdatedSessions
from dashtam.application.ledger.queued_previews import MakePreview
from dashtam.application.ledger.receive_statement import BringReceived
from dashtam.container.wiring import UseCases
from domain.identity.events import (
    AccountDeleted,
    EmailChangeRequested,
    EmailVerified,
    PasswordResetRequested,
    RegistrationRepeated,
    UserPasswordChanged,
    UserRegistered,
    VerificationRequested,
)
from domain.ledger.events import PreviewRequested, StatementReceived


def subscriptions(use_cases: UseCases) -> Sequence[Subscription]:
    """Return all reactions. Each has a name that is stored, and opens its own transactions."""
    use = use_cases.use
    verify, warn, reset = use(SendVerificationEmail), use(WarnOwner), use(SendPasswordResetEmail)
    end, notify = use(EndOutdatedSessions), use(NotifyUser)
    return [
        on(UserRegistered, verify, consumer="verification-email", outside=True),
        on(VerificationRequested, verify, consumer="verification-email", outside=True),
        on(RegistrationRepeated, warn, consumer="duplicate-registration", outside=True),
        on(PasswordResetRequested, reset, consumer="password-reset", outside=True),
        on(EmailChangeRequested, use(ConfirmEmail), consumer="email-confirmation", outside=True),
        on(EmailVerified, use(TellFormerEmail), consumer="old-email-notice", outside=True),
        # In a transaction of its own: an entry within a savepoint has another's number.
        on(UserPasswordChanged, end, consumer="end-sessions", outside=True),
        on(AccountDeleted, use(SendRecoveryEmail), consumer="recovery-email", outside=True),
        *(on(event, notify, consumer="security-notice", outside=True) for event in NOTICES),
        on(StatementReceived, use(BringReceived), consumer="process-import", outside=True),
        on(PreviewRequested, use(MakePreview), consumer="make-preview", outside=True),
    ]
