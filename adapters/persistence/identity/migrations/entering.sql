-- Who shows a token is known from then on: its row is found by the proof alone, and counts only
-- while the account of its user is open. That it was used is noted once a minute.

CREATE FUNCTION identity_note_usage(which uuid, whose uuid, seen_from inet)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO identity_usage AS known (id, user_id, used_at, ip_address)
    SELECT which, whose, clock_timestamp(), seen_from
    -- Looked at first, because a conflict locks the row even where it changes nothing.
    WHERE NOT EXISTS (
        SELECT FROM identity_usage
        WHERE user_id = whose AND id = which AND used_at >= clock_timestamp() - interval '1 minute'
    )
    ON CONFLICT (user_id, id) DO UPDATE SET used_at = excluded.used_at, ip_address = excluded.ip_address
    WHERE known.used_at < excluded.used_at - interval '1 minute'
$$;

CREATE FUNCTION identity_enter_session(given bytea, seen_from inet)
RETURNS SETOF identity_session LANGUAGE plpgsql AS $$
DECLARE
    found identity_session;
    owner text := coalesce(current_setting('app.user_id', true), '');
BEGIN
    SELECT * INTO found FROM identity_session_by_token(given);
    PERFORM set_config('app.user_id', coalesce(found.user_id::text, ''), true);
    IF EXISTS (
        SELECT FROM identity_user
        WHERE id = found.user_id AND security_stamp = found.security_stamp AND erase_after IS NULL
    ) THEN
        IF found.ended_at IS NULL THEN
            PERFORM identity_note_usage(found.id, found.user_id, seen_from);
        END IF;
        RETURN NEXT found;
    END IF;
    PERFORM set_config('app.user_id', owner, true);
END $$;

CREATE FUNCTION identity_enter_api_token(given bytea, seen_from inet)
RETURNS SETOF identity_api_token LANGUAGE plpgsql AS $$
DECLARE
    found identity_api_token;
    owner text := coalesce(current_setting('app.user_id', true), '');
BEGIN
    SELECT * INTO found FROM identity_api_token_by_token(given);
    PERFORM set_config('app.user_id', coalesce(found.user_id::text, ''), true);
    IF EXISTS (SELECT FROM identity_user WHERE id = found.user_id AND erase_after IS NULL) THEN
        IF found.revoked_at IS NULL THEN
            PERFORM identity_note_usage(found.id, found.user_id, seen_from);
        END IF;
        RETURN NEXT found;
    END IF;
    PERFORM set_config('app.user_id', owner, true);
END $$;
-- Back
DROP FUNCTION identity_enter_api_token(bytea, inet);
DROP FUNCTION identity_enter_session(bytea, inet);
DROP FUNCTION identity_note_usage(uuid, uuid, inet);
