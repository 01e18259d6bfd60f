"""Exchange rates: import, type, list and delete them."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from hashlib import sha256

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.reading_queue import ReadingQueue
from dashtam.application.query import audited_query, count_items
from dashtam.application.use_case import UseCase
from domain.ledger.actions import (
    EXCHANGE_RATE_DELETED,
    EXCHANGE_RATE_TYPED,
    EXCHANGE_RATES_IMPORTED,
    EXCHANGE_RATES_VIEWED,
)
from domain.ledger.exchange_rates import (
    PIVOT,
    ImportedRates,
    RateKey,
    RateList,
    RateNotFound,
    RateSource,
    UnreadableRates,
)
from domain.ledger.ports import ExchangeRateRepository, RateReader
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class ListExchangeRates(UseCase):
    """List the stored rates of a user, latest day first."""

    exchange_rates: ExchangeRateRepository

    @audited_query("exchange_rates.view", EXCHANGE_RATES_VIEWED, count_items)
    async def __call__(
        self, *, user_id: UserId, after: Cursor | None = None, limit: int
    ) -> Result[Page[RateList], Unavailable]:
        return await self.exchange_rates.page(owner=user_id, after=after, limit=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportExchangeRates(UseCase):
    """Import a file of the ECB's rates; those that are known already stay."""

    exchange_rates: ExchangeRateRepository
    rate_reader: RateReader
    reading_queue: ReadingQueue

    @audit_failures("exchange_rates.import", ResourceType.EXCHANGE_RATE)
    @retry_on_conflict
    async def __call__(
        self, *, user_id: UserId, content: bytes
    ) -> Result[ImportedRates, UnreadableRates | Unavailable]:
        read = await self.reading_queue(user_id, partial(self.rate_reader, content))
        if isinstance(read, Failure):
            return read
        rate_lists = [
            RateList(user_id=user_id, day=day, base=PIVOT, source=RateSource.ECB, rates=rates)
            for day, rates in sorted(read.value.items())
        ]
        async with self.unit_of_work(owner=user_id) as uow:
            stored = await self.exchange_rates.upsert(rate_lists)
            if isinstance(stored, Failure):
                return stored
            imported = EXCHANGE_RATES_IMPORTED.record(
                subject_id=None,
                actor=Actor.user(user_id),
                occurred_at=self.clock.now(),
                count=len(rate_lists),
                sha256=sha256(content).hexdigest(),
            )
            await uow.commit(imported)
        return Success(ImportedRates.of(rate_lists))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetExchangeRate(UseCase):
    """Type the rate of a day; it counts more than others of this day."""

    exchange_rates: ExchangeRateRepository

    @audit_failures("exchange_rate.type", ResourceType.EXCHANGE_RATE)
    @retry_on_conflict
    async def __call__(
        self, *, user_id: UserId, key: RateKey, rate: Decimal
    ) -> Result[RateList, Unavailable]:
        typed = RateList.typed(user_id, key, rate)
        async with self.unit_of_work(owner=user_id) as uow:
            stored = await self.exchange_rates.upsert([typed])
            if isinstance(stored, Failure):
                return stored
            done = EXCHANGE_RATE_TYPED.record(
                subject_id=None, actor=Actor.user(user_id), occurred_at=self.clock.now()
            )
            await uow.commit(done)
        return Success(typed)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteExchangeRate(UseCase):
    """Delete a typed rate."""

    exchange_rates: ExchangeRateRepository

    @audit_failures("exchange_rate.delete", ResourceType.EXCHANGE_RATE)
    @retry_on_conflict
    async def __call__(
        self, *, user_id: UserId, key: RateKey
    ) -> Result[None, RateNotFound | Unavailable]:
        typed = RateList.typed(user_id, key, Decimal(1))
        async with self.unit_of_work(owner=user_id) as uow:
            deleted = await self.exchange_rates.delete(typed)
            if isinstance(deleted, Failure):
                return deleted
            done = EXCHANGE_RATE_DELETED.record(
                subject_id=None, actor=Actor.user(user_id), occurred_at=self.clock.now()
            )
            await uow.commit(done)
        return Success(None)
