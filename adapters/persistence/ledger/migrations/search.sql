-- The words of a transaction. Slashes, hyphens and the like separate words: the parser would take
-- "REWE/KOELN" for a file, and "-03" for a number.
CREATE FUNCTION ledger_words(payee text, description text, memo text, note text)
RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('simple', left(
        replace(replace(replace(replace(replace(replace(
            payee || ' ' || description || ' ' || memo || ' ' || note,
        '/', ' '), '-', ' '), '.', ' '), '+', ' '), '_', ' '), '<', ' '), 100000))
$$;

CREATE INDEX ledger_transaction_words ON ledger_transaction
USING gin (ledger_words(payee, description, memo, note)) WHERE removal IS NULL;

-- `guard.search_transactions` reads the index for its caller.
GRANT SELECT (user_id, id, account_id, import_id, booking_date, amount, currency, kind, status,
    category, payee, description, memo, note, removal) ON ledger_transaction TO dashtam_guard;
CREATE POLICY ledger_transaction_search ON ledger_transaction
FOR SELECT TO dashtam_guard USING (true);
