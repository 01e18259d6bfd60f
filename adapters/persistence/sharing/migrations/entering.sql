-- Who shows the credentials of an app is known from then on, as with a token: see `entering.sql` of
-- identity. The app counts only while the account of its user is open.

CREATE FUNCTION sharing_enter_connected_app(given bytea, seen_from inet)
RETURNS SETOF sharing_connected_app LANGUAGE plpgsql AS $$
DECLARE
    found sharing_connected_app;
    owner text := coalesce(current_setting('app.user_id', true), '');
BEGIN
    SELECT * INTO found FROM sharing_connected_app_by_access_key(given);
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
DROP FUNCTION sharing_enter_connected_app(bytea, inet);
