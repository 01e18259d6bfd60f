"""Actions on connections that are only audited, not published."""

from domain.shared.events import Action, ResourceType

#: The credentials of a user were encrypted with another key, without being read.
CREDENTIALS_REWRAPPED = Action("credentials.rewrapped", ResourceType.USER, ("count",))

PROVIDERS_VIEWED = Action("providers.viewed", ResourceType.CONNECTION, ("count",), repeats=True)
CONNECTIONS_VIEWED = Action("connections.viewed", ResourceType.CONNECTION, ("count",), repeats=True)
CONNECTION_VIEWED = Action("connection.viewed", ResourceType.CONNECTION, repeats=True)
LINKS_VIEWED = Action("links.viewed", ResourceType.CONNECTION, ("count",), repeats=True)
#: What a person has to do next, such as to go to the bank: `step` is its kind.
CONNECTION_BEGUN = Action("connection.begun", ResourceType.CONNECTION, ("provider", "step"))
CONNECTION_ANSWERED = Action("connection.answered", ResourceType.CONNECTION, ("step",))
CONNECTION_RENEWED = Action("connection.renewed", ResourceType.CONNECTION)
CONNECTION_NAMED = Action("connection.named", ResourceType.CONNECTION)
CONNECTION_PAUSED = Action("connection.paused", ResourceType.CONNECTION)
CONNECTION_RESUMED = Action("connection.resumed", ResourceType.CONNECTION)
SYNC_REQUESTED = Action("connection.sync_requested", ResourceType.CONNECTION)
CREDENTIALS_REFRESHED = Action("credentials.refreshed", ResourceType.CONNECTION)
#: Statements of some days were kept, or found to say nothing new; a request for more follows.
DAYS_ANSWERED = Action("connection.days_answered", ResourceType.CONNECTION, ("changed", "failing"))
#: Each has an entry of its own, because the connection changes with it.
SYNC_FAILED = Action("connection.sync_failed", ResourceType.CONNECTION, ("trouble",))
LINK_PREVIEWED = Action("link.previewed", ResourceType.CONNECTION, ("link_id",))
LINK_IGNORED = Action("link.ignored", ResourceType.CONNECTION, ("link_id",))
