"""Emails to users."""

from dataclasses import dataclass
from enum import StrEnum

from domain.identity.values import Token


class EmailTemplate(StrEnum):
    """The template of an email."""

    VERIFY_EMAIL = "verify-email"
    DUPLICATE_REGISTRATION = "duplicate-registration"
    UNVERIFIED_REGISTRATION = "unverified-registration"
    RESET_PASSWORD = "reset-password"  # noqa: S105  # what it is about, not one
    PASSWORD_CHANGED = "password-changed"  # noqa: S105
    CONFIRM_EMAIL = "confirm-email"
    EMAIL_CHANGE_REQUESTED = "email-change-requested"
    EMAIL_CHANGED = "email-changed"
    SECOND_FACTOR_CONFIRMED = "second-factor-confirmed"
    SECOND_FACTOR_REMOVED = "second-factor-removed"
    RECOVERY_CODE_USED = "recovery-code-used"
    API_TOKEN_ISSUED = "api-token-issued"  # noqa: S105
    PROVIDER_CONNECTED = "provider-connected"
    CONNECTION_NEEDS_PERSON = "connection-needs-person"
    CONSENT_ENDING = "consent-ending"
    APP_CONNECTED = "app-connected"
    ACCOUNT_CLOSED = "account-closed"
    ACCOUNT_RESTORED = "account-restored"


@dataclass(frozen=True, slots=True)
class EmailMessage:
    """An email before it is rendered: a template and a token, if any, and no personal data."""

    template: EmailTemplate
    token: Token | None = None
