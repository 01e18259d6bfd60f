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
        on(UserRegistered, verify, consumer="verification-email", outside=True),
        on(VerificationRequested, verify, consumer="verification-email", outside=True),
        on(RegistrationRepeated, duplicate, consumer="duplicate-registration", outside=True),
        on(PasswordResetRequested, reset, consumer="password-reset", outside=True),
        on(
            EmailChangeRequested,
            confirm,
            consumer="email-confirmation",
            outside=True,
        ),
        on(EmailVerified, use(NotifyOldEmail), consumer="old-email-notice", outside=True),
        # In a separate transaction, because an entry in a savepoint gets another transaction
        # number.
        on(UserPasswordChanged, end, consumer="end-sessions", outside=True),
        on(UserClosed, use(SendRecoveryEmail), consumer="recovery-email", outside=True),
        *(on(event, notify, consumer="security-notice", outside=True) for event in NOTICES),
        on(StatementReceived, use(ProcessQueuedImport), consumer="process-import", outside=True),
        on(PreviewRequested, use(ProcessQueuedPreview), consumer="make-preview", outside=True),
    ]
