"""What rules do to transactions: found in one pass, for a preview as for an application."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple, Self, TypeVar

from domain.ledger.allocations import CategorySource
from domain.ledger.entities import Transaction
from domain.ledger.rules import (
    AccountCondition,
    AmountCondition,
    Condition,
    Paths,
    Rule,
    TextCondition,
    TextField,
    searchable,
)
from domain.ledger.tags import MAX_TAGS
from domain.shared.ids import (
    AccountId,
    CategoryId,
    ImportId,
    RuleApplicationId,
    RuleId,
    TransactionId,
    UserId,
)
from domain.shared.money import Money

T = TypeVar("T")


# What is copied from a transaction for rules to look at.
_COPIED = (
    *("id", "account_id", "booking_date", "payee", "description", "memo", "reference"),
    *("payee_name", "category_id", "category", "category_source", "tags"),
)


class ExaminedTransaction(NamedTuple):
    """What rules look at in a transaction, and what they set.

    `refused_tags` are those that rules have added, and that its owner may have removed since.
    """

    id: TransactionId
    version: int
    account_id: AccountId
    booking_date: date
    amount: Decimal
    currency: str
    payee: str
    description: str
    memo: str
    reference: str
    payee_name: str
    category_id: CategoryId | None
    category: str
    category_source: CategorySource | None
    is_split: bool
    tags: tuple[str, ...]
    refused_tags: tuple[str, ...]

    @classmethod
    def of(cls, transaction: Transaction, refused_tags: tuple[str, ...] = ()) -> Self:
        """Return a transaction as rules see it before anybody has changed it."""
        return cls(
            version=1,
            amount=transaction.amount.amount,
            currency=transaction.amount.currency,
            is_split=bool(transaction.splits),
            refused_tags=refused_tags,
            **{name: getattr(transaction, name) for name in _COPIED},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEffect:
    """What rules change of a transaction; what they leave as it is, is empty."""

    transaction: ExaminedTransaction
    rule_ids: tuple[RuleId, ...]
    category_id: CategoryId | None = None
    payee_name: str = field(default="", repr=False)
    #: Those that are added.
    tags: tuple[str, ...] = field(default=(), repr=False)

    @property
    def all_tags(self) -> tuple[str, ...]:
        """The tags of the transaction afterwards."""
        return tuple(sorted({*self.transaction.tags, *self.tags}))

    def on(self, transaction: Transaction, paths: Paths) -> Transaction:
        """Return the transaction with what is set."""
        if self.category_id:
            transaction = replace(
                transaction,
                category_id=self.category_id,
                category=paths[self.category_id],
                category_source=CategorySource.RULE,
            )
        name = self.payee_name or transaction.payee_name
        return replace(transaction, payee_name=name, tags=self.all_tags)


@dataclass(frozen=True, slots=True)
class Examination:
    """What rules do to some transactions, and how many of them each rule's conditions hold for."""

    effects: Sequence[RuleEffect]
    matched: Counter[RuleId]


def examine(rules: Sequence[Rule], transactions: Sequence[ExaminedTransaction]) -> Examination:
    """Find what rules, in their order, do to transactions."""
    columns, said = _Columns(transactions), _Said()
    matched: Counter[RuleId] = Counter()
    for rule in rules:
        rows = _matching(rule.conditions, columns)
        matched[rule.id] = len(rows)
        said.add(rule, rows)
    made = (said.effect_on(row, transactions[row]) for row in sorted(said.rows))
    return Examination([effect for effect in made if effect], matched)


@dataclass(slots=True)
class _Said:
    """What rules say of transactions, by row: who sets the category, the payee, and each tag."""

    categories: dict[int, Rule] = field(default_factory=dict)
    payees: dict[int, Rule] = field(default_factory=dict)
    tags: dict[int, dict[str, RuleId]] = field(default_factory=dict)

    @property
    def rows(self) -> set[int]:
        return {*self.categories, *self.payees, *self.tags}

    def add(self, rule: Rule, rows: Sequence[int]) -> None:
        """Add what a later rule says of these rows."""
        chosen = [self.categories] if rule.category_id else []
        chosen += [self.payees] if rule.payee_name else []
        for of_rows in chosen:
            # The first one wins.
            of_rows |= dict.fromkeys(rows, rule) | of_rows
        for row in rows if rule.tags else ():
            its = self.tags.setdefault(row, {})
            for tag in rule.tags:
                its.setdefault(tag, rule.id)

    def effect_on(self, row: int, transaction: ExaminedTransaction) -> RuleEffect | None:
        """Return what changes of the transaction, if anything does."""
        category, payee = self.categories.get(row), self.payees.get(row)
        if category and not _may_categorize(category, transaction):
            category = None
        if payee and payee.payee_name == transaction.payee_name:
            payee = None
        tags = _new_tags(self.tags.get(row, {}), transaction)
        acting = [each.id for each in (category, payee) if each] + list(tags.values())
        if not acting:
            return None
        return RuleEffect(
            transaction=transaction,
            rule_ids=tuple(dict.fromkeys(acting)),
            category_id=category.category_id if category else None,
            payee_name=payee.payee_name if payee else "",
            tags=tuple(sorted(tags)),
        )


def _new_tags(said: Mapping[str, RuleId], transaction: ExaminedTransaction) -> dict[str, RuleId]:
    """Return the tags that are added, as long as there is room for them."""
    known = {*transaction.tags, *transaction.refused_tags}
    added = [tag for tag in said if tag not in known]
    return {tag: said[tag] for tag in added[: max(MAX_TAGS - len(transaction.tags), 0)]}


def _may_categorize(rule: Rule, transaction: ExaminedTransaction) -> bool:
    return (
        transaction.category_source is not CategorySource.OWNER
        and not transaction.is_split
        and transaction.category_id != rule.category_id
    )


@dataclass
class _Columns:
    """Transactions by column, each made when a condition first needs it."""

    transactions: Sequence[ExaminedTransaction]

    @cached_property
    def payees(self) -> list[str]:
        return [searchable([each.payee]) for each in self.transactions]

    @cached_property
    def texts(self) -> list[str]:
        return [
            searchable([each.payee, each.description, each.memo, each.reference])
            for each in self.transactions
        ]

    @cached_property
    def amounts(self) -> list[Money]:
        return [Money(each.amount, each.currency) for each in self.transactions]

    @cached_property
    def accounts(self) -> list[AccountId]:
        return [each.account_id for each in self.transactions]


def _matching(conditions: Iterable[Condition], columns: _Columns) -> Sequence[int]:
    """Return the rows for which all conditions hold; what is found fastest is looked for first."""
    rows: Sequence[int] | None = None
    for condition in sorted(conditions, key=lambda each: isinstance(each, AmountCondition)):
        match condition:
            case TextCondition(where=where, wanted=wanted):
                texts = columns.payees if where is TextField.PAYEE else columns.texts
                rows = _containing(wanted, texts, rows)
            case AccountCondition(account_ids=ids):
                rows = _rows(columns.accounts, frozenset(ids).__contains__, rows)
            case AmountCondition():
                rows = _rows(columns.amounts, condition.holds, rows)
    return [] if rows is None else rows


def _containing(wanted: str, texts: Sequence[str], rows: Sequence[int] | None) -> list[int]:
    if rows is None:
        return [row for row, text in enumerate(texts) if wanted in text]
    return [row for row in rows if wanted in texts[row]]


def _rows(column: Sequence[T], holds: Callable[[T], bool], rows: Sequence[int] | None) -> list[int]:
    """Return the rows, of these or of all, for whose value something holds."""
    some = range(len(column)) if rows is None else rows
    return [row for row in some if holds(column[row])]


@dataclass(frozen=True, slots=True)
class ImportRules:
    """The rules that an import applies to what it adds, and the paths of categories."""

    rules: Sequence[Rule] = ()
    paths: Paths = field(default_factory=dict, repr=False)

    def apply(
        self, added: Sequence[Transaction]
    ) -> tuple[Sequence[Transaction], Sequence[RuleEffect]]:
        """Return new transactions as they are inserted, and what rules set of them."""
        if not self.rules:
            return added, ()
        effects = examine(self.rules, [ExaminedTransaction.of(each) for each in added]).effects
        by_id = {effect.transaction.id: effect for effect in effects}
        ruled = [
            by_id[each.id].on(each, self.paths) if each.id in by_id else each for each in added
        ]
        return ruled, effects


NO_RULES = ImportRules()

#: How many of the changes a preview shows.
SHOWN = 100


@dataclass(slots=True)
class RulesPreview:
    """What rules would do to the past: counts, and the latest transactions that would change.

    It is made page by page. Of each rule, it counts the transactions for which its conditions hold,
    and those that it would change.
    """

    rules: Sequence[Rule]
    paths: Paths = field(repr=False)
    changed: int = 0
    categories: int = 0
    tags: int = 0
    payees: int = 0
    matched: Counter[RuleId] = field(default_factory=Counter)
    changed_by: Counter[RuleId] = field(default_factory=Counter)
    _latest: deque[RuleEffect] = field(default_factory=lambda: deque(maxlen=SHOWN))

    def add(self, found: Examination) -> None:
        """Count what rules do to some more transactions, which come later."""
        self.matched.update(found.matched)
        for effect in found.effects:
            self.changed_by.update(effect.rule_ids)
        self.changed += len(found.effects)
        self.categories += sum(each.category_id is not None for each in found.effects)
        self.tags += sum(each.tags != () for each in found.effects)
        self.payees += sum(each.payee_name != "" for each in found.effects)
        self._latest.extend(found.effects)

    @property
    def effects(self) -> list[RuleEffect]:
        """The latest transactions that would change, latest first."""
        return list(reversed(self._latest))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleApplication:
    """Rules applied to transactions of the past, or to those that an import has added.

    It can be undone once. `transactions` is the number of those that it changed.
    """

    id: RuleApplicationId
    user_id: UserId
    import_id: ImportId | None
    applied_at: datetime
    transactions: int = 0
    undone_at: datetime | None = None


def of_import(import_id: ImportId) -> RuleApplicationId:
    """Return the id of the one application of rules that an import has."""
    return RuleApplicationId(import_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedEffect:
    """What an application has set of a transaction; `category_id` is of a category that exists."""

    transaction_id: TransactionId
    rule_ids: tuple[RuleId, ...]
    category_id: CategoryId | None
    payee_name: str = field(repr=False)
    tags: tuple[str, ...] = field(repr=False)

    @property
    def id(self) -> TransactionId:
        """The id of an effect within its application is that of its transaction."""
        return self.transaction_id


@dataclass(frozen=True, slots=True)
class Undoing:
    """How many transactions were restored, and in how many something newer was left as it is."""

    restored: int
    changed_since: int
