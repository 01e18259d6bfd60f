-- The time that all writes of a transaction carry: when it first wrote, which is after it had to
-- wait for others, so that what it changed was recorded before.
CREATE FUNCTION ledger_moment() RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    known text := nullif(current_setting('ledger.moment', true), '');
BEGIN
    IF known IS NULL THEN
        known := set_config('ledger.moment', clock_timestamp()::text, true);
    END IF;
    RETURN known::timestamptz;
END $$
