"""Transactions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any, Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from dashtam.api.http import MAX_ITEMS, read, read_query
from dashtam.api.ledger.parameters import (
    READ_TRANSACTIONS,
    WRITE_TRANSACTIONS,
    AsOfQuery,
    PageQuery,
    PeriodQuery,
)
from dashtam.api.ledger.transaction_bodies import (
    AddTransactionRequest,
    EditTransactionRequest,
    EditTransactionsRequest,
    Tag,
)
from dashtam.api.ledger.values import Imported, TradeResponse, exact
from dashtam.api.problems import unwrap
from dashtam.api.responses import Response, no_content, respond, respond_with_page
from dashtam.api.session import CallerView
from dashtam.application.ledger.transactions import (
    DeleteTransaction,
    EditTransaction,
    EditTransactions,
    ListTransactions,
    ShowTransaction,
)
from dashtam.application.ledger.transactions_by_hand import (
    AddedTransaction,
    AddTransaction,
    ReviseTransaction,
)
from domain.ledger.allocations import CategorySource, Split
from domain.ledger.categories import key_of
from domain.ledger.entities import Transaction
from domain.ledger.kinds import TransactionKind
from domain.ledger.listing import (
    AmountCursor,
    CurrencyTotal,
    TransactionFilter,
    TransactionSort,
    digest_of,
    words_of,
)
from domain.ledger.ports import ListedTransaction
from domain.ledger.values import TransactionStatus
from domain.shared.ids import AccountId, ImportId, TransactionId
from domain.shared.money import MAX_DECIMALS, MAX_WHOLE_DIGITS, Money, add_up
from domain.shared.pages import BoundCursor, Cursor

Amount = Annotated[
    Decimal, Field(max_digits=MAX_WHOLE_DIGITS + MAX_DECIMALS, decimal_places=MAX_DECIMALS)
]

#: The longest text to search for, and the most words of it.
MAX_SEARCHED = 255
MAX_WORDS = 10


class SplitResponse(Response):
    """A part of a transaction, in the currency of the whole."""

    amount: str
    category_id: UUID | None
    category: str
    memo: str

    @classmethod
    def of(cls, split: Split, currency: str) -> Self:
        return cls.copy_from(split, amount=Money(split.amount, currency).digits)


class TransactionBody(Response):
    """What a transaction says; dates are as the bank wrote them."""

    provider_id: str | None
    booking_date: date
    value_date: date | None
    amount: str
    currency: str
    kind: TransactionKind
    status: TransactionStatus
    description: str
    payee: str
    counterparty_account: str
    reference: str
    memo: str
    note: str
    category: str
    category_id: UUID | None
    category_source: CategorySource | None
    tags: list[str]
    tags_source: CategorySource | None
    splits: list[SplitResponse]
    splits_broken: bool
    payee_name: str
    original_currency: str | None
    exchange_rate: str | None
    trade: TradeResponse | None

    @classmethod
    def of(cls, transaction: ListedTransaction) -> Self:
        return cls(**cls.values_of(transaction))

    @classmethod
    def values_of(cls, transaction: ListedTransaction) -> dict[str, Any]:
        source = transaction.category_source
        return cls.values_from(
            transaction,
            amount=transaction.amount.digits,
            currency=transaction.amount.currency,
            # Of a text that is no enum the serializer knows at once what it is.
            kind=str(transaction.kind),
            status=str(transaction.status),
            category_source=str(source) if source else None,
            exchange_rate=exact(transaction.exchange_rate),
            trade=TradeResponse.of(transaction.trade) if transaction.trade else None,
            tags=list(transaction.tags),
            splits=[SplitResponse.of(e, transaction.amount.currency) for e in transaction.splits],
            splits_broken=bool(transaction.splits)
            and not add_up((e.amount for e in transaction.splits), transaction.amount.amount),
        )


class TransactionResponse(TransactionBody, Imported):
    """A transaction on an account."""


class TransactionDetailResponse(Response):
    """A transaction, and everything the statement said about it."""

    transaction: TransactionResponse
    line: int
    raw: dict[str, str]

    @classmethod
    def of(cls, transaction: Transaction) -> Self:
        return cls.copy_from(transaction, transaction=TransactionResponse.of(transaction))


class AddedTransactionResponse(TransactionDetailResponse):
    """A transaction that was added, and how many others of the account it may be."""

    suggested: int

    @classmethod
    def added(cls, added: AddedTransaction) -> Self:
        transaction = added.transaction
        response = TransactionResponse.of(transaction)
        return cls.copy_from(transaction, transaction=response, suggested=added.suggested)


class TransactionsQuery(PageQuery, AsOfQuery, PeriodQuery):
    """Which transactions to return; dates are booking dates, and all bounds are inclusive."""

    amount_from: Amount | None = None
    amount_to: Amount | None = None
    status: TransactionStatus | None = None
    kind: TransactionKind | None = None
    import_id: UUID | None = None
    category: Annotated[str, Field(max_length=255)] | None = None
    tag: Tag | None = None
    unreconciled: bool = False
    q: Annotated[str, Field(max_length=MAX_SEARCHED)] | None = None
    sort: TransactionSort = TransactionSort.NEWEST
    totals: bool = False

    @field_validator("q")
    @classmethod
    def _has_words(cls, text: str | None) -> str | None:
        if text is not None and not 0 < len(words_of(text)) <= MAX_WORDS:
            message = f"Search for at least one word, and at most {MAX_WORDS}"
            raise PydanticCustomError("words", "{message}", {"message": message})
        return text

    def filter(self) -> TransactionFilter:
        return TransactionFilter(
            booked_from=self.date_from,
            booked_to=self.date_to,
            amount_from=self.amount_from,
            amount_to=self.amount_to,
            status=self.status,
            kind=self.kind,
            import_id=ImportId(self.import_id) if self.import_id else None,
            category=self.category,
            tag=self.tag and key_of(self.tag),
            unreconciled=self.unreconciled,
            words=words_of(self.q or ""),
        )


class AllTransactionsQuery(TransactionsQuery):
    """The same over all accounts, or over those that are named."""

    repeatable = frozenset({"account_id"})

    account_id: Annotated[list[UUID], Field(max_length=MAX_ITEMS)] = []

    def filter(self) -> TransactionFilter:
        accounts = frozenset(AccountId(each) for each in self.account_id)
        return replace(super().filter(), account_ids=accounts)


class ListView(CallerView):
    """A list of transactions, whose cursors are valid for its filters and order alone."""

    list_transactions: ListTransactions

    async def list(
        self, query: TransactionsQuery, account_id: AccountId | None = None
    ) -> HttpResponse:
        """Respond with a page."""
        where, as_of = query.filter(), query.look_back(self.list_transactions.clock)
        whole = replace(where, account_ids=frozenset({account_id})) if account_id else where
        digest = digest_of(whole, query.sort, as_of)
        bound = query.after(BoundCursor)
        kind = AmountCursor if query.sort.by_amount else Cursor
        page = unwrap(
            await self.list_transactions(
                account_id=account_id,
                user_id=self.caller.user_id,
                where=where,
                after=unwrap(bound.within(digest, kind)) if bound else None,
                limit=query.limit,
                sort=query.sort,
                as_of=as_of,
                totals=query.totals,
            )
        )
        last = BoundCursor(digest, page.next.pack()) if page.next else None
        more = (
            {}
            if page.totals is None
            else {"totals": [TotalResponse.of(each) for each in page.totals]}
        )
        bound_page = BoundPage(page.items, last)
        return await respond_with_page(bound_page, TransactionResponse.values_of, **more)


@dataclass(frozen=True, slots=True)
class BoundPage:
    """Transactions, and the cursor for the ones after them in this list."""

    items: Sequence[ListedTransaction]
    next: BoundCursor | None


class TotalResponse(Response):
    """How many transactions of the whole list are in a currency, and their sums."""

    currency: str
    count: int
    incoming: str
    outgoing: str

    @classmethod
    def of(cls, total: CurrencyTotal) -> Self:
        return cls.copy_from(
            total,
            incoming=Money(total.incoming, total.currency).digits,
            outgoing=Money(total.outgoing, total.currency).digits,
        )


class TransactionsView(ListView):
    """The transactions of an account."""

    scopes = {"get": READ_TRANSACTIONS, "post": WRITE_TRANSACTIONS}
    add_transaction: AddTransaction

    async def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """List a page of an account's transactions, latest booking date first."""
        return await self.list(read_query(request, TransactionsQuery), AccountId(account_id))

    async def post(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """Add a transaction by hand; one that it may be in other words is suggested as a match."""
        body = await read(request, AddTransactionRequest)
        added = unwrap(
            await self.add_transaction(
                body.entry(),
                account_id=AccountId(account_id),
                user_id=self.caller.user_id,
                annotation=body.annotation,
            )
        )
        return respond(
            AddedTransactionResponse.added(added),
            status=HTTPStatus.CREATED,
            location=f"transactions/{added.transaction.id}",
        )


class AllTransactionsView(ListView):
    """The transactions of all accounts."""

    scopes = {"get": READ_TRANSACTIONS, "patch": WRITE_TRANSACTIONS}
    edit_transactions: EditTransactions

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List a page of a user's transactions, latest booking date first."""
        return await self.list(read_query(request, AllTransactionsQuery))

    async def patch(self, request: HttpRequest) -> HttpResponse:
        """Change note or category of several transactions: of all of them, or of none."""
        body = await read(request, EditTransactionsRequest)
        unwrap(await self.edit_transactions(body.edit(), user_id=self.caller.user_id))
        return no_content()


class TransactionView(CallerView):
    """One transaction."""

    scopes = {"get": READ_TRANSACTIONS, "patch": WRITE_TRANSACTIONS, "delete": WRITE_TRANSACTIONS}
    show_transaction: ShowTransaction
    edit_transaction: EditTransaction
    revise_transaction: ReviseTransaction
    delete_transaction: DeleteTransaction

    async def get(self, request: HttpRequest, transaction_id: UUID) -> HttpResponse:
        """Show a transaction, with everything the statement said about it."""
        transaction = unwrap(
            await self.show_transaction(
                transaction_id=TransactionId(transaction_id),
                user_id=self.caller.user_id,
                as_of=read_query(request, AsOfQuery).look_back(self.show_transaction.clock),
            )
        )
        return respond(TransactionDetailResponse.of(transaction))

    async def patch(self, request: HttpRequest, transaction_id: UUID) -> HttpResponse:
        """Change its note, category and tags, and whatever else of one written by hand."""
        body = await read(request, EditTransactionRequest)
        its: dict[str, Any] = {
            "transaction_id": TransactionId(transaction_id),
            "user_id": self.caller.user_id,
        }
        said = body.annotation
        if body.stated:
            revise = self.revise_transaction(body.stated, annotation=said, **its)
            return respond(TransactionDetailResponse.of(unwrap(await revise)))
        edited = unwrap(await self.edit_transaction(**said.said, **its))
        return respond(TransactionDetailResponse.of(edited))

    async def delete(self, request: HttpRequest, transaction_id: UUID) -> HttpResponse:
        """Delete the transaction: no import restores it."""
        unwrap(
            await self.delete_transaction(
                transaction_id=TransactionId(transaction_id), user_id=self.caller.user_id
            )
        )
        return no_content()
