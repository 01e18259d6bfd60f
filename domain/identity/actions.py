"""Actions of users that are only audited, not published."""

from domain.shared.events import Action, AuditResult, ResourceType

USER_VIEWED = Action("user.viewed", ResourceType.USER, repeats=True)
#: A user exported all their data: the numbers of rows and of files.
USER_EXPORTED = Action("user.exported", ResourceType.USER, ("count", "files"))
#: Ended sessions and expired tokens were deleted: the number of rows of each table.
EXPIRED_DATA_PURGED = Action("user.swept", ResourceType.USER, ("rows",))

EMAIL_CHANGE_WITHDRAWN = Action("email_change.withdrawn", ResourceType.USER)
FORMER_EMAIL_REMOVED = Action("former_email.removed", ResourceType.USER)
#: An unverified email address was registered again, so the first password is void.
PASSWORD_WITHDRAWN = Action("user.password_withdrawn", ResourceType.USER)
PASSWORD_REHASHED = Action("user.password_rehashed", ResourceType.USER)

TOKEN_MAILED = Action("token.mailed", ResourceType.USER, ("purpose",))
#: An email could not be sent, so its token is void.
TOKEN_WITHDRAWN = Action(
    "token.withdrawn", ResourceType.USER, ("purpose",), result=AuditResult.FAILURE
)
#: The user had been sent enough emails within the hour.
EMAIL_REFUSED = Action(
    "letter.refused", ResourceType.USER, ("purpose",), result=AuditResult.DENIED, repeats=True
)

#: Every wrong guess is recorded; attempts that were refused unchecked are counted. The subject is
#: the user whose email address was given, if there is one.
LOGIN_FAILED = Action(
    "login.failed",
    ResourceType.USER,
    ("reason",),
    result=AuditResult.DENIED,
    repeats_for=("limited",),
)
SESSION_RENEWED = Action("session.renewed", ResourceType.SESSION)
SESSION_REAUTHENTICATED = Action("session.proved", ResourceType.SESSION)
SESSIONS_VIEWED = Action("sessions.viewed", ResourceType.SESSION, ("count",), repeats=True)
SESSION_VIEWED = Action("session.viewed", ResourceType.SESSION, repeats=True)

#: A user was shown the secret of a second factor, which no code has confirmed yet.
SECOND_FACTOR_ENROLLED = Action("second_factor.enrolled", ResourceType.SECOND_FACTOR)
SECOND_FACTORS_VIEWED = Action(
    "second_factors.viewed", ResourceType.SECOND_FACTOR, ("count",), repeats=True
)
RECOVERY_CODES_ISSUED = Action("recovery_codes.issued", ResourceType.USER, ("count",))

API_TOKENS_VIEWED = Action("api_tokens.viewed", ResourceType.API_TOKEN, ("count",), repeats=True)
#: All API tokens of a user were revoked.
API_TOKENS_REVOKED = Action("api_tokens.revoked", ResourceType.USER, ("count",))
