"""Actions on staff, and of staff, that are recorded in the audit trail.

None is announced: nobody reacts, and the database lets staff write to the trail alone.
"""

from domain.shared.events import Action, AuditResult, ResourceType

STAFF_ADDED = Action("staff.added", ResourceType.STAFF, ("role",))
STAFF_DISABLED = Action("staff.disabled", ResourceType.STAFF)
#: A new password was given, and a second factor has to be enrolled anew.
STAFF_RESET = Action("staff.access_renewed", ResourceType.STAFF)

STAFF_FACTOR_REMOVED = Action("staff.second_factor_removed", ResourceType.STAFF)
#: Somebody who knows the password and has no second factor was shown a secret for one.
STAFF_FACTOR_OFFERED = Action("staff.second_factor_offered", ResourceType.STAFF)
STAFF_FACTOR_ENROLLED = Action("staff.second_factor_enrolled", ResourceType.STAFF)
STAFF_FACTORS_REWRAPPED = Action("staff.second_factors_rewrapped", ResourceType.STAFF, ("count",))

#: The password was right, and a second factor has to be enrolled before anything else.
STAFF_PASSWORD_ACCEPTED = Action("staff.password_accepted", ResourceType.STAFF)
STAFF_LOGGED_IN = Action("staff.logged_in", ResourceType.STAFF)
#: Guesses are few, and each is recorded; where nothing was checked, they are counted. The subject
#: is the member of staff whose name was given, if anyone's.
STAFF_LOGIN_FAILED = Action(
    "staff.login_failed",
    ResourceType.STAFF,
    ("reason",),
    result=AuditResult.DENIED,
    repeats_for=("limited",),
)
STAFF_LOGGED_OUT = Action("staff.logged_out", ResourceType.STAFF)
STAFF_PASSWORD_CHANGED = Action("staff.password_changed", ResourceType.STAFF)
#: Somebody who is logged in could not authenticate again, and keeps the old password.
STAFF_PASSWORD_REFUSED = Action(
    "staff.password_refused", ResourceType.STAFF, ("reason",), result=AuditResult.DENIED
)

#: Somebody is about to see a page, with these rows on it.
PAGE_VIEWED = Action("staff.page_viewed", ResourceType.STAFF, ("page", "object_id", "shown"))
PAGE_DENIED = Action(
    "staff.page_denied", ResourceType.STAFF, ("page", "object_id"), result=AuditResult.DENIED
)
