-- How often something was asked, and how often a secret was guessed. Nothing here is anybody's: keys
-- are digests. UNLOGGED: a crash empties these tables, and then everybody has all tokens again.

-- A bucket is described by the moment at which it is full again: the tokens it lacks are the time until
-- then. Room is left on each page, so that a row that changes stays where it is.
CREATE UNLOGGED TABLE limits_bucket (
    key bytea PRIMARY KEY CHECK (octet_length(key) = 32),
    full_at timestamptz NOT NULL
) WITH (fillfactor = 70);

-- Tokens that are taken, each by one attempt.
CREATE UNLOGGED TABLE limits_guess (
    name text NOT NULL CHECK (length(name) <= 80),
    reservation uuid NOT NULL,
    taken_at timestamptz NOT NULL,
    failed boolean NOT NULL DEFAULT false,
    PRIMARY KEY (name, reservation)
) WITH (fillfactor = 70);
CREATE INDEX limits_guess_taken ON limits_guess (taken_at);

-- Takes a token of every name, or none. `taken`: whether it did. `pending`: whether attempts under way
-- may return what is lacking. `seconds`: until the first token returns by itself.
CREATE FUNCTION limits_reserve(
    names text[], allowed int[], new_reservation uuid, span interval, longest interval,
    OUT taken boolean, OUT pending boolean, OUT seconds float8
) LANGUAGE plpgsql AS $$
DECLARE
    lock bigint;
    moment timestamptz;
BEGIN
    -- In one order, so that nobody waits in a circle. Every statement below sees what was committed
    -- before the last of these was free.
    FOR lock IN
        SELECT DISTINCT hashtextextended(each, 0) FROM unnest(names) AS each ORDER BY 1
    LOOP
        PERFORM pg_advisory_xact_lock(lock);
    END LOOP;
    moment := clock_timestamp();
    DELETE FROM limits_guess WHERE name = ANY (names) AND taken_at <= moment - span;

    SELECT count(*) = 0, coalesce(bool_and(open), false),
        coalesce(extract(epoch FROM max(back_at) FILTER (WHERE NOT open) - moment), 0)
    INTO taken, pending, seconds
    FROM (
        SELECT bool_or(NOT failed AND taken_at > moment - longest) AS open,
            (array_agg(taken_at ORDER BY taken_at))[count(*) - most + 1] + span AS back_at
        FROM unnest(names, allowed) AS asked (asked_name, most)
        JOIN limits_guess ON name = asked_name
        GROUP BY asked_name, most HAVING count(*) >= most
    ) AS lacking;

    IF taken THEN
        INSERT INTO limits_guess (name, reservation, taken_at)
        SELECT each, new_reservation, moment FROM unnest(names) AS each;
    END IF;
END $$;
