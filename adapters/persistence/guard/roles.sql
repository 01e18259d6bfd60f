-- Roles are the cluster's. Run as superuser; running it again changes nothing.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['owner', 'app', 'sealer', 'auditor', 'operator', 'staff', 'guard'] LOOP
        IF to_regrole('dashtam_' || name) IS NULL THEN
            EXECUTE format('CREATE ROLE %I', 'dashtam_' || name);
        END IF;
        EXECUTE format(
            'ALTER ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT %s',
            'dashtam_' || name,
            CASE WHEN name IN ('staff', 'guard') THEN 'NOLOGIN' ELSE 'LOGIN' END
        );
    END LOOP;
END $$;

-- The server process answers the admin as staff, on connections of their own. It never becomes the
-- operator, who alone adds staff and takes them out.
GRANT dashtam_staff TO dashtam_app WITH INHERIT FALSE, SET TRUE;
-- Functions of the guard add and detach partitions, which only the owner's members may.
GRANT dashtam_owner TO dashtam_guard WITH INHERIT TRUE, SET TRUE;

ALTER ROLE dashtam_app SET statement_timeout = '15s';
ALTER ROLE dashtam_app SET lock_timeout = '5s';
ALTER ROLE dashtam_app SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE dashtam_app SET transaction_timeout = '30s';
