-- How often a minute's entry would have been written again. UNLOGGED: a crash forgets how often, and
-- never that it was: the first of each minute has its entry. Rows stand for a minute or two, and
-- belong to nobody: what they say is what their entry says.
CREATE UNLOGGED TABLE audit_repetition (
    key bytea PRIMARY KEY CHECK (octet_length(key) = 32),
    minute timestamptz NOT NULL,
    -- Encrypted until it is recorded.
    said bytea NOT NULL CHECK (octet_length(said) BETWEEN 28 AND 16384),
    count int NOT NULL CHECK (count >= 0)
) WITH (fillfactor = 70);
CREATE INDEX audit_repetition_minute ON audit_repetition (minute);
