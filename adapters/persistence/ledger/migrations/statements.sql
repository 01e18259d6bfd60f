-- What became of each statement moves from a document into rows. Policies bind the owner too, who
-- has to see all of them for this.
ALTER TABLE ledger_import NO FORCE ROW LEVEL SECURITY;
ALTER TABLE ledger_account NO FORCE ROW LEVEL SECURITY;
INSERT INTO ledger_statement (
    id, user_id, account_id, import_id, place, number, currency, proof,
    new, same, updates, conflict, deleted, balances
)
SELECT uuidv7(), i.user_id, a.id, i.id, s.place, '', a.currency, s.told->>'proof',
    (s.told->>'new')::int, (s.told->>'same')::int, (s.told->>'updates')::int,
    (s.told->>'conflict')::int, (s.told->>'deleted')::int, (s.told->>'balances')::int
FROM ledger_import i
CROSS JOIN jsonb_array_elements(i.statements) WITH ORDINALITY AS s (told, place)
JOIN ledger_account a ON a.id = (s.told->>'account_id')::uuid;
ALTER TABLE ledger_import FORCE ROW LEVEL SECURITY;
ALTER TABLE ledger_account FORCE ROW LEVEL SECURITY;
ALTER TABLE ledger_import DROP COLUMN statements
-- Back
ALTER TABLE ledger_import ADD COLUMN statements jsonb NOT NULL DEFAULT '[]';
ALTER TABLE ledger_import ALTER COLUMN statements DROP DEFAULT;
CREATE FUNCTION told_of_statements(import uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'account_id', account_id, 'proof', proof, 'new', new, 'same', same, 'updates', updates,
        'conflict', conflict, 'deleted', deleted, 'balances', balances
    ) ORDER BY place), '[]') FROM ledger_statement WHERE import_id = import
$$;
ALTER TABLE ledger_import ALTER COLUMN statements TYPE jsonb USING told_of_statements(id);
DROP FUNCTION told_of_statements(uuid)
