"""Actions on the audit trail itself, and on the delivery of events."""

from domain.shared.events import Action, ResourceType

#: Staff or an operator delivers dead events again.
EVENTS_RESENT = Action("events.resent", ResourceType.EVENT, ("count",))

#: A year was retired: its entries are only in the export with this SHA-256 from now on. The
#: numbering of transactions (`TRAIL_ADOPTED`) is repeated, as its entry may be among them.
YEAR_RETIRED = Action(
    "audit.retired",
    ResourceType.AUDIT_TRAIL,
    ("year", "entries", "export_sha256", "xid_offset", "restored_below"),
)

#: A restored trail continues on this server. `xid_offset` is added to its transaction numbers;
#: transactions below `restored_below` belong to the restore. This applies only to a database with
#: this `history`, and to no other copy.
TRAIL_ADOPTED = Action(
    "audit.adopted", ResourceType.AUDIT_TRAIL, ("xid_offset", "restored_below", "history")
)

#: Committed changes may be lost, so earlier cursors of the change feed are void. `lost` lists the
#: checkpoints that the witness has and this database does not: of each chain, the numbers of the
#: first and the last one, and the hash of the last one, which covers all before it.
HISTORY_BEGUN = Action("history.begun", ResourceType.AUDIT_TRAIL, ("previous", "reason", "lost"))
