"""What users do with connected apps, and apps with accounts: audited, not published."""

from domain.shared.events import Action, ResourceType

#: The number of accounts that were chosen; None means all.
CONNECTED_APP_ADDED = Action("connected_app.added", ResourceType.CONNECTED_APP, ("accounts",))
CONNECTED_APP_CHANGED = Action("connected_app.changed", ResourceType.CONNECTED_APP, ("fields",))
CONNECTED_APP_REVOKED = Action("connected_app.revoked", ResourceType.CONNECTED_APP)
#: All connected apps of a user were revoked.
CONNECTED_APPS_REVOKED = Action("connected_apps.revoked", ResourceType.USER, ("count",))
SETUP_TOKEN_ISSUED = Action("connected_app.setup_token_issued", ResourceType.CONNECTED_APP)
CONNECTED_APP_VIEWED = Action("connected_app.viewed", ResourceType.CONNECTED_APP, repeats=True)
CONNECTED_APPS_VIEWED = Action(
    "connected_apps.viewed", ResourceType.CONNECTED_APP, ("count",), repeats=True
)
#: An app read accounts and their transactions.
ACCOUNTS_SHARED = Action(
    "accounts.shared", ResourceType.CONNECTED_APP, ("accounts", "transactions")
)
