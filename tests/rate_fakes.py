"""Exchange rates in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from domain.ledger.entities import Leg
from domain.ledger.exchange_rates import RateList, RateNotFound, RateSource
from domain.ledger.transfers import Pair, TransferDecision
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result, Success
from tests.fakes import Store
from tests.transfer_fakes import ids_of


class InMemoryExchangeRates:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def upsert(self, rate_lists: Sequence[RateList]) -> Result[None, Unavailable]:
        for rate_list in rate_lists:
            known = self._store.exchange_rates.get(_key(rate_list))
            rates = {**known.rates, **rate_list.rates} if known else rate_list.rates
            self._store.exchange_rates[_key(rate_list)] = replace(rate_list, rates=rates)
        return Success(None)

    async def delete(self, rate_list: RateList) -> Result[None, RateNotFound | Unavailable]:
        known = self._store.exchange_rates.get(_key(rate_list))
        if known is None or not rate_list.rates.keys() <= known.rates.keys():
            return Failure(RateNotFound())
        left = {code: rate for code, rate in known.rates.items() if code not in rate_list.rates}
        del self._store.exchange_rates[_key(rate_list)]
        if left:
            self._store.exchange_rates[_key(rate_list)] = replace(known, rates=left)
        return Success(None)

    async def between(
        self, first: date, last: date, *, owner: UserId
    ) -> Result[Sequence[RateList], Unavailable]:
        stored = [each for each in self._of(owner) if first <= each.day <= last]
        paid = [each for each in self._paid(owner) if first <= each.day <= last]
        return Success([*sorted(stored, key=lambda each: each.day), *paid])

    async def page(
        self, *, owner: UserId, after: Cursor | None, limit: int
    ) -> Result[Page[RateList], Unavailable]:
        # The place in the store stands for the id.
        mine = sorted(
            ((each.day, place, each) for place, each in enumerate(self._of(owner))), reverse=True
        )
        rest = [each for each in mine if not after or each[:2] < (after.day, after.id.int)]
        last = rest[limit - 1] if len(rest) > limit else None
        cursor = Cursor(last[0], UUID(int=last[1])) if last else None
        return Success(Page([rate_list for _, _, rate_list in rest[:limit]], cursor))

    def _of(self, owner: UserId) -> list[RateList]:
        return [each for each in self._store.exchange_rates.values() if each.user_id == owner]

    def _paid(self, owner: UserId) -> list[RateList]:
        found = []
        for each in self._store.transfers.values():
            rows = [self._store.transactions.get(end) for end in ids_of(each.pair)]
            legs = [Leg.of(row) for row in rows if row and not row.removal]
            is_confirmed = each.decision is TransferDecision.CONFIRMED and each.user_id == owner
            if not is_confirmed or len(legs) < 2:
                continue
            now = replace(each, pair=Pair(*legs))
            out, rate = now.pair.outgoing, now.pair.exchange_rate
            if rate is not None and not now.broken:
                found.append(
                    RateList(
                        user_id=owner,
                        day=out.booking_date,
                        base=out.amount.currency,
                        source=RateSource.TRANSACTION,
                        rates={now.pair.incoming.amount.currency: rate},
                    )
                )
        return found


def _key(rate_list: RateList) -> tuple[UserId, date, str, str]:
    return rate_list.user_id, rate_list.day, rate_list.base, rate_list.source
