-- What a transaction was is kept when it changes; that another import states the same is no change.
CREATE OR REPLACE FUNCTION ledger_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.fingerprint, OLD.occurrence, OLD.provider_id, OLD.booking_date, OLD.value_date,
         OLD.amount, OLD.currency, OLD.kind, OLD.status, OLD.description, OLD.original_currency,
         OLD.exchange_rate, OLD.raw, OLD.security_id, OLD.quantity, OLD.unit_price, OLD.note,
         OLD.category, OLD.removal)
        IS NOT DISTINCT FROM
        (NEW.fingerprint, NEW.occurrence, NEW.provider_id, NEW.booking_date, NEW.value_date,
         NEW.amount, NEW.currency, NEW.kind, NEW.status, NEW.description, NEW.original_currency,
         NEW.exchange_rate, NEW.raw, NEW.security_id, NEW.quantity, NEW.unit_price, NEW.note,
         NEW.category, NEW.removal)
    THEN
        RETURN NEW;
    END IF;
    -- Not before the version before: who wrote elsewhere first, and then waited for this row, has
    -- the earlier moment and the lower number.
    NEW.version := OLD.version + 1;
    NEW.recorded_at := greatest(OLD.recorded_at, ledger_moment());
    NEW.feed_position := greatest(OLD.feed_position, guard.transaction_number());
    INSERT INTO ledger_transaction_version (
        id, transaction_id, user_id, account_id, import_id, fingerprint, occurrence, provider_id,
        booking_date, value_date, amount, currency, kind, status, description, original_currency,
        exchange_rate, line, raw, security_id, quantity, unit_price, note, category, removal,
        version, recorded_at, superseded_at, feed_position
    ) VALUES (
        uuidv7(), OLD.id, OLD.user_id, OLD.account_id, OLD.import_id, OLD.fingerprint,
        OLD.occurrence, OLD.provider_id, OLD.booking_date, OLD.value_date, OLD.amount,
        OLD.currency, OLD.kind, OLD.status, OLD.description, OLD.original_currency,
        OLD.exchange_rate, OLD.line, OLD.raw, OLD.security_id, OLD.quantity, OLD.unit_price,
        OLD.note, OLD.category, OLD.removal, OLD.version, OLD.recorded_at, NEW.recorded_at,
        OLD.feed_position
    );
    RETURN NEW;
END $$
