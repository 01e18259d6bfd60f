"""Exchange rates: a row for each day, currency and source, with rates of many currencies."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Never

from django.db import connection
from psycopg.types.json import Jsonb

from adapters.persistence.database import UsesDatabase, allow_long_transaction, in_database
from adapters.persistence.ledger.columns import batches
from adapters.persistence.ledger.models import ExchangeRatesModel
from domain.ledger.exchange_rates import RateList, RateNotFound, RateSource
from domain.shared.ids import UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result, Success

_UPSERT = """
INSERT INTO ledger_exchange_rates AS known (id, user_id, day, base, source, rates)
SELECT uuidv7(), %(owner)s, day, base, source, rates FROM unnest(
    %(days)s::date[], %(bases)s::text[], %(sources)s::text[], %(rates)s::jsonb[]
) AS given (day, base, source, rates) ORDER BY day, base, source
ON CONFLICT ON CONSTRAINT ledger_exchange_rates_list DO UPDATE
SET rates = known.rates || excluded.rates WHERE NOT known.rates @> excluded.rates
"""
# A confirmed exchange between two currencies has the rate that was paid. Those that were changed
# since are of a broken transfer.
_EXCHANGES = """
SELECT o.booking_date, o.currency, i.currency, round(i.amount / -o.amount, 10)
FROM ledger_transfer d
JOIN ledger_transaction o ON o.user_id = d.user_id AND o.id = d.outgoing_id
JOIN ledger_transaction i ON i.user_id = d.user_id AND i.id = d.incoming_id
WHERE d.user_id = %(owner)s AND d.decision = 'confirmed'
AND o.user_id = %(owner)s AND i.user_id = %(owner)s
AND o.removal IS NULL AND i.removal IS NULL AND o.currency <> i.currency
AND o.amount < 0 AND i.amount > 0 AND round(i.amount / -o.amount, 10) > 0
AND (o.amount, i.amount) = (d.outgoing_amount, d.incoming_amount)
AND o.booking_date BETWEEN %(first)s AND %(last)s
ORDER BY o.booking_date, o.id
"""


class DjangoExchangeRateRepository(UsesDatabase):
    """`ExchangeRateRepository` on the Django ORM."""

    @in_database
    def upsert(self, rate_lists: Sequence[RateList]) -> Result[None, Never]:
        if len(rate_lists) > 1:
            allow_long_transaction()
        for some in batches(rate_lists):
            with connection.cursor() as cursor:
                cursor.execute(_UPSERT, _columns(some))
        return Success(None)

    @in_database
    def delete(self, rate_list: RateList) -> Result[None, RateNotFound]:
        row = _rows(rate_list).select_for_update(no_key=True).first()
        if row is None or not rate_list.rates.keys() <= row.rates.keys():
            return Failure(RateNotFound())
        left = {code: rate for code, rate in row.rates.items() if code not in rate_list.rates}
        if left:
            _rows(rate_list).update(rates=left)
        else:
            _rows(rate_list).delete()
        return Success(None)

    @in_database
    def between(
        self, first: date, last: date, *, owner: UserId
    ) -> Result[Sequence[RateList], Never]:
        rows = ExchangeRatesModel.objects.filter(user_id=owner, day__gte=first, day__lte=last)
        stored = [_rate_list(row) for row in rows.order_by("day", "id")]
        with connection.cursor() as cursor:
            cursor.execute(_EXCHANGES, {"owner": owner, "first": first, "last": last})
            paid = [_paid(owner, *row) for row in cursor.fetchall()]
        return Success([*stored, *paid])

    @in_database
    def page(
        self, *, owner: UserId, after: Cursor | None, limit: int
    ) -> Result[Page[RateList], Never]:
        rows = ExchangeRatesModel.objects.filter(user_id=owner).order_by("-day", "-id")
        if after:
            rows = rows.filter(day__lte=after.day).exclude(day=after.day, id__gte=after.id)
        found = list(rows[: limit + 1])
        last = Cursor(found[limit - 1].day, found[limit - 1].id) if len(found) > limit else None
        return Success(Page([_rate_list(row) for row in found[:limit]], last))


def _columns(rate_lists: Sequence[RateList]) -> dict[str, Any]:
    rates = [{code: f"{rate:f}" for code, rate in each.rates.items()} for each in rate_lists]
    return {
        "owner": rate_lists[0].user_id,
        "days": [each.day for each in rate_lists],
        "bases": [each.base for each in rate_lists],
        "sources": [each.source.value for each in rate_lists],
        "rates": [Jsonb(each) for each in rates],
    }


def _rows(rate_list: RateList) -> Any:
    return ExchangeRatesModel.objects.filter(
        user_id=rate_list.user_id, day=rate_list.day, base=rate_list.base, source=rate_list.source
    )


def _rate_list(row: ExchangeRatesModel) -> RateList:
    return RateList(
        user_id=UserId(row.user_id),
        day=row.day,
        base=row.base,
        source=RateSource(row.source),
        rates={code: Decimal(rate) for code, rate in row.rates.items()},
    )


def _paid(owner: UserId, day: date, base: str, quote: str, rate: Decimal) -> RateList:
    return RateList(
        user_id=owner, day=day, base=base, source=RateSource.TRANSACTION, rates={quote: rate}
    )
