"""Which use case reacts to which event."""

from collections.abc import Sequence

from adapters.events import Subscription, on
from dashtam.application.identity.email_reactions import (
    NOTICES,
    NotifyDuplicateRegistration,
    NotifyOldEmail,
    NotifyUser,
    SendEmailConfirmation,
    SendPasswordResetEmail,
    SendRecoveryEmail,
    SendVerificationEmail,
)
from dashtam.application.identity.sessions import EndOutdatedSessions
from dashtam.application.ledger.process_queued import ProcessQueuedImport, ProcessQueuedPreview
from dashtam.container.wiring import UseCases
from domain.identity.events import (
    EmailChangeRequested,
    EmailVerified,
    PasswordResetRequested,
    RegistrationRepeated,
    UserClosed,
    UserPasswordChanged,
    UserRegistered,
    VerificationRequested,
)
from domain.ledger.events import PreviewRequested, StatementReceived


def subscriptions(use_cases: UseCases) -> Sequence[Subscription]:
    """Return all subscriptions. Each has a name that is stored, and opens its own transactions."""
    use = use_cases.use
    verify, notify = use(SendVerificationEmail), use(NotifyUser)
    duplicate, confirm = use(NotifyDuplicateRegistration), use(SendEmailConfirmation)
    reset, end = use(SendPasswordResetEmail), use(EndOutdatedSessions)
    return [
        on(UserRegistered, verify, consumer="verification-email"),
        on(VerificationRequested, verify, consumer="verification-email"),
        on(RegistrationRepeated, duplicate, consumer="duplicate-registration"),
        on(PasswordResetRequested, reset, consumer="password-reset"),
        on(EmailChangeRequested, confirm, consumer="email-confirmation"),
        on(EmailVerified, use(NotifyOldEmail), consumer="old-email-notice"),
        on(UserPasswordChanged, end, consumer="end-sessions"),
        on(UserClosed, use(SendRecoveryEmail), consumer="recovery-email"),
        *(on(event, notify, consumer="security-notice") for event in NOTICES),
        on(StatementReceived, use(ProcessQueuedImport), consumer="process-import"),
        on(PreviewRequested, use(ProcessQueuedPreview), consumer="make-preview"),
    ]
