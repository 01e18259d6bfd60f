-- Roles are the cluster's. Run as a superuser, or with CREATEROLE and CREATEDB; running it again
-- changes nothing.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['owner', 'app', 'sealer', 'auditor', 'operator', 'staff', 'guard'] LOOP
        IF to_regrole('dashtam_' || name) IS NULL THEN
            EXECUTE format('CREATE ROLE %I', 'dashtam_' || name);
        END IF;
        -- A new role has none of these, and only a superuser may say so.
        IF EXISTS (
            SELECT FROM pg_roles WHERE rolname = 'dashtam_' || name
            AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)
        ) THEN
            EXECUTE format(
                'ALTER ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS',
                'dashtam_' || name
            );
        END IF;
        EXECUTE format(
            'ALTER ROLE %I NOINHERIT %s', 'dashtam_' || name,
            CASE WHEN name IN ('staff', 'guard') THEN 'NOLOGIN' ELSE 'LOGIN' END
        );
    END LOOP;
    -- A superuser can act as every role. Others have to be members, and `bootstrap` ends that.
    IF current_setting('is_superuser') = 'off' THEN
        GRANT dashtam_owner, dashtam_guard TO CURRENT_USER WITH INHERIT TRUE, SET TRUE;
    END IF;
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
