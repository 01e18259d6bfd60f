"""What is written of an audit entry."""

# The columns that the application has a right to write: the rest is the database's.
COLUMNS = (
    "id, action, actor_kind, actor_id, resource_type, resource_id, result, occurred_at,"
    " trace_id, ip_address, user_agent, details, mac"
)
# Of the keyed hash, the database hashes the transaction's number along: no key, and no round trip.
_MAC = "sha256(%s || int8send(guard.transaction_number()))"
PLACES = ", ".join(["%s"] * COLUMNS.count(", ") + [_MAC])
