-- The next changes after a cursor, by position, resource, id and version. Every branch reads its
-- index from the cursor on, and at most one page of it.
SELECT position, rank, id, version, CASE
    WHEN removed THEN 'removed'
    WHEN rank = 0 AND version > 1 AND (
        SELECT p.removal IS NULL FROM ledger_account_version p
        WHERE p.user_id = %(owner)s AND p.account_id = found.id AND p.version = found.version - 1
    ) THEN 'modified'
    WHEN rank = 1 AND version > 1 AND (
        SELECT p.removal IS NULL FROM ledger_transaction_version p
        WHERE p.user_id = %(owner)s AND p.transaction_id = found.id
        AND p.version = found.version - 1
    ) THEN 'modified'
    WHEN rank = 4 AND version > 1 THEN 'modified'
    ELSE 'added'
END
FROM (
    (SELECT feed_position AS position, 0 AS rank, id, version, removal IS NOT NULL AS removed
    FROM ledger_account
    WHERE user_id = %(owner)s AND feed_position < %(horizon)s
    AND (feed_position, id, version)
        > (%(account_position)s, %(account_id)s, %(account_version)s)
    ORDER BY feed_position, id LIMIT %(limit)s)
UNION ALL
    (SELECT feed_position, 0, account_id, version, removal IS NOT NULL
    FROM ledger_account_version
    WHERE user_id = %(owner)s AND feed_position < %(horizon)s
    AND (feed_position, account_id, version)
        > (%(account_position)s, %(account_id)s, %(account_version)s)
    ORDER BY feed_position, account_id, version LIMIT %(limit)s)
UNION ALL
    (SELECT feed_position, 1, id, version, removal IS NOT NULL
    FROM ledger_transaction
    WHERE user_id = %(owner)s AND feed_position < %(horizon)s
    AND (feed_position, id, version)
        > (%(transaction_position)s, %(transaction_id)s, %(transaction_version)s)
    ORDER BY feed_position, id LIMIT %(limit)s)
UNION ALL
    (SELECT feed_position, 1, transaction_id, version, removal IS NOT NULL
    FROM ledger_transaction_version
    WHERE user_id = %(owner)s AND feed_position < %(horizon)s
    AND (feed_position, transaction_id, version)
        > (%(transaction_position)s, %(transaction_id)s, %(transaction_version)s)
    ORDER BY feed_position, transaction_id, version LIMIT %(limit)s)
UNION ALL
    (SELECT feed_position, 2, id, 1, false
    FROM ledger_balance
    WHERE user_id = %(owner)s AND feed_position < %(horizon)s
    AND (feed_position, id, 1)
        > (%(balance_position)s, %(balance_id)s, %(balance_version)s)
    ORDER BY feed_position, id LIMIT %(limit)s)
UNION ALL
    (SELECT i.undone_position, 2, b.id, 2, true
    FROM ledger_import i JOIN ledger_balance b ON b.user_id = i.user_id AND b.import_id = i.id
    WHERE i.user_id = %(owner)s AND b.user_id = %(owner)s AND i.undone_position < %(horizon)s
    AND i.undone_position >= %(position)s
    AND (i.undone_position, b.id, 2)
        > (%(balance_position)s, %(balance_id)s, %(balance_version)s)
    ORDER BY i.undone_position, b.id LIMIT %(limit)s)
UNION ALL
    (SELECT feed_position, 3, id, 1, false
    FROM ledger_holding
    WHERE user_id = %(owner)s AND feed_position < %(horizon)s
    AND (feed_position, id, 1)
        > (%(holding_position)s, %(holding_id)s, %(holding_version)s)
    ORDER BY feed_position, id LIMIT %(limit)s)
UNION ALL
    (SELECT i.undone_position, 3, h.id, 2, true
    FROM ledger_import i JOIN ledger_holding h ON h.user_id = i.user_id AND h.import_id = i.id
    WHERE i.user_id = %(owner)s AND h.user_id = %(owner)s AND i.undone_position < %(horizon)s
    AND i.undone_position >= %(position)s
    AND (i.undone_position, h.id, 2)
        > (%(holding_position)s, %(holding_id)s, %(holding_version)s)
    ORDER BY i.undone_position, h.id LIMIT %(limit)s)
UNION ALL
    (SELECT feed_position, 4, category_id, version, removed
    FROM ledger_category_version
    WHERE user_id = %(owner)s AND feed_position < %(horizon)s
    AND (feed_position, category_id, version)
        > (%(category_position)s, %(category_id)s, %(category_version)s)
    ORDER BY feed_position, category_id, version LIMIT %(limit)s)
) found
ORDER BY position, rank, id, version LIMIT %(limit)s
