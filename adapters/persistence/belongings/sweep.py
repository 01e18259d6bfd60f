"""What is past its time. The policies of the tables let no more go than what has expired."""

#: A session that was over for as long as this is of no more use to its user. Whatever it could have
#: been renewed with has expired by then too: see `RefreshToken.LIFETIME`.
_OVER = "least(ended_at, expires_at) < now() - interval '30 days'"

#: Tables, and which of their rows; what points at something stands before it.
PAST = (
    (
        "identity_refresh_token",
        "expires_at < now() AND EXISTS (SELECT FROM identity_session AS s"
        " WHERE s.user_id = identity_refresh_token.user_id AND s.id = session_id"
        f" AND {_OVER})",
    ),
    ("identity_session", _OVER),
    # As long as they count among the letters of an hour they stay: see `MailedToken.WITHIN`.
    (
        "identity_mailed_token",
        "expires_at < now() AND issued_at < now() - interval '1 hour'",
    ),
    # Of imports that all failed, the latest a day ago: `SealedFileArchive` drops no others either.
    (
        "ledger_file",
        "NOT EXISTS (SELECT FROM ledger_import AS i WHERE i.user_id = ledger_file.user_id"
        " AND i.digest = ledger_file.digest"
        " AND (i.error = '' OR i.imported_at > now() - interval '1 day'))",
    ),
    ("ledger_preview", "created_at < now() - interval '1 day'"),
    (
        "identity_usage",
        "NOT EXISTS (SELECT FROM identity_session AS s"
        " WHERE s.user_id = identity_usage.user_id AND s.id = identity_usage.id)"
        " AND NOT EXISTS (SELECT FROM identity_api_token AS t"
        " WHERE t.user_id = identity_usage.user_id AND t.id = identity_usage.id)",
    ),
)
