"""An entry as it is sealed: one line of JSON, made by the server the same way for ever."""

from collections.abc import Iterator

from adapters.audit.checkpoints import Connection

#: The bytes that an entry's leaf is the hash of. Times are UTC; nothing depends on the session.
LEAF = """
convert_to(json_build_object(
    'v', 1,
    'id', id,
    'txid', txid,
    'action', action,
    'actor_kind', actor_kind,
    'actor_id', actor_id,
    'resource_type', resource_type,
    'resource_id', resource_id,
    'result', result,
    'occurred_at', to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
    'trace_id', trace_id,
    'ip_address', host(ip_address),
    'user_agent', user_agent,
    'details', details,
    'mac', encode(mac, 'hex')
)::text, 'UTF8')
"""

_BETWEEN = f"""
SELECT uuid_send(id), {LEAF} FROM public.audit_entry
WHERE txid >= %s AND txid < %s ORDER BY id
"""  # noqa: S608
#: So many are read at once.
_AT_ONCE = 1000


def leaves_between(connection: Connection, first: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield id and leaf of the entries of a range of transactions, within one of ours."""
    with connection.cursor("leaves", binary=True) as cursor:
        cursor.itersize = _AT_ONCE
        yield from cursor.execute(_BETWEEN.encode(), (first, end))
