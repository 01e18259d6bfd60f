"""What is written of an audit entry."""

# The columns that the application has a right to write: the rest is the database's.
COLUMNS = (
    "id, action, actor_kind, actor_id, resource_type, resource_id, result, occurred_at,"
    " trace_id, ip_address, user_agent, details, mac"
)
PLACES = ", ".join(["%s"] * len(COLUMNS.split(", ")))
