"""Actions on the audit trail itself and on the delivery of events that are recorded in it."""

from domain.shared.events import Action, ResourceType

#: Events that were given up are tried again.
EVENTS_RESENT = Action("events.resent", ResourceType.EVENT, ("count",))

#: A year left the trail: the export with this SHA-256 holds its entries from now on. How
#: transactions are numbered (`TRAIL_ADOPTED`) is what a retired entry cannot tell.
YEAR_RETIRED = Action(
    "audit.retired",
    ResourceType.AUDIT_TRAIL,
    ("year", "entries", "export_sha256", "xid_offset", "restored_below"),
)

#: A restored trail goes on in this server. Its transactions are numbered by `xid_offset`; rows of
#: those below `restored_below` are the restore's. It holds for a database that has this `history`,
#: and for no other copy.
TRAIL_ADOPTED = Action(
    "audit.adopted", ResourceType.AUDIT_TRAIL, ("xid_offset", "restored_below", "history")
)

#: Something that was committed may be lost: what was told of the ledger before is void. `lost` are
#: the checkpoints that the witness has and this database has not: of each chain the numbers of the
#: first and the last, and the hash of the last, which names all before it.
HISTORY_BEGUN = Action("history.begun", ResourceType.AUDIT_TRAIL, ("previous", "reason", "lost"))
