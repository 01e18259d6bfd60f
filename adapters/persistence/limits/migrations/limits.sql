-- How often something was asked, and how often a secret was guessed. Nothing here is anybody's: keys
-- are digests. UNLOGGED: a crash empties these tables, and then everybody has all tokens again.

-- A bucket is described by the moment at which it is full again: the tokens it lacks are the time until
-- then. Room is left on each page, so that a row that changes stays where it is.
CREATE UNLOGGED TABLE limits_bucket (
    key bytea PRIMARY KEY CHECK (octet_length(key) = 32),
    full_at timestamptz NOT NULL
) WITH (fillfactor = 70);

-- Takes a token from each bucket that has one, and returns in how many seconds the first token returns
-- where there is none. The names of buckets end with whose they are.
-- The generic cell rate algorithm: each token taken delays the time when the bucket is full. Concurrent
-- requests queue for the row's lock, and read the clock when they have it. Buckets are locked in the
-- order given, the widest last, so that none deadlock. The commit does not wait for the disk: a crash of
-- the server may return the tokens of its last moment.
CREATE FUNCTION limits_take(names text[], whose text, spans interval[], bursts interval[])
RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    wait float8;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    WITH asked AS (
        SELECT sha256(convert_to(name || whose, 'UTF8')) AS key, span, burst
        FROM unnest(names, spans, bursts) AS each (name, span, burst)
    ), tried AS (
        INSERT INTO limits_bucket AS bucket (key, full_at)
        SELECT asked.key, clock_timestamp() + asked.span FROM asked
        ON CONFLICT (key) DO UPDATE SET full_at = (
            SELECT CASE
                WHEN bucket.full_at - asked.burst <= clock_timestamp()
                THEN greatest(bucket.full_at, clock_timestamp()) + asked.span
                ELSE bucket.full_at
            END FROM asked WHERE asked.key = bucket.key
        )
        RETURNING old.full_at IS DISTINCT FROM new.full_at AS is_taken, extract(epoch FROM new.full_at
            - (SELECT asked.burst FROM asked WHERE asked.key = bucket.key) - clock_timestamp()) AS seconds
    )
    SELECT max(seconds) INTO wait FROM tried WHERE NOT is_taken;
    RETURN wait;
END $$;

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
