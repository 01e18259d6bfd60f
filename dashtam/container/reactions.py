"""Which use case reacts to which event."""

from collections.abc import Sequence

from adapters.events import Subscription, on
from dashtam.application.identity import email_reactions as emails
from dashtam.application.identity.sessions import EndOutdatedSessions
from dashtam.application.ledger.process_queued import ProcessQueuedImport, ProcessQueuedPreview
from dashtam.container.wiring import UseCases
from domain.identity import events as identity
from domain.ledger import events as ledger


def subscriptions(use_cases: UseCases) -> Sequence[Subscription]:
    """Return all subscriptions. Each has a name that is stored, and opens its own transactions."""
    use = use_cases.use
    verify, notify = use(emails.SendVerificationEmail), use(emails.NotifyUser)
    duplicate, confirm = use(emails.NotifyDuplicateRegistration), use(emails.SendEmailConfirmation)
    reset, recover = use(emails.SendPasswordResetEmail), use(emails.SendRecoveryEmail)
    return [
        on(identity.UserRegistered, verify, consumer="verification-email"),
        on(identity.VerificationRequested, verify, consumer="verification-email"),
        on(identity.RegistrationRepeated, duplicate, consumer="duplicate-registration"),
        on(identity.PasswordResetRequested, reset, consumer="password-reset"),
        on(identity.EmailChangeRequested, confirm, consumer="email-confirmation"),
        on(identity.EmailVerified, use(emails.NotifyOldEmail), consumer="old-email-notice"),
        on(identity.UserPasswordChanged, use(EndOutdatedSessions), consumer="end-sessions"),
        on(identity.UserClosed, recover, consumer="recovery-email"),
        *(on(event, notify, consumer="security-notice") for event in emails.NOTICES),
        on(ledger.StatementReceived, use(ProcessQueuedImport), consumer="process-import"),
        on(ledger.PreviewRequested, use(ProcessQueuedPreview), consumer="make-preview"),
    ]
