"""Rules: what a transaction says decides its category, its tags and the name of its payee.

All conditions of a rule must hold. Rules are taken in their order: the first one that sets a
category or a name of the payee wins, and tags add up. The owner's word is never replaced.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Self, TypeAlias, TypedDict

from domain.ledger.errors import InvalidRule
from domain.ledger.tags import InvalidTags, parse_tags
from domain.shared.folding import folded
from domain.shared.ids import AccountId, CategoryId, RuleId, UserId
from domain.shared.money import Money
from domain.shared.result import Failure, Result, Success

#: How many rules a user may have.
MAX_RULES = 200
#: The most conditions of a rule, tags that it adds, and accounts of a condition.
MAX_CONDITIONS = 10
MAX_RULE_TAGS = 10
MAX_ACCOUNTS = 100
#: The most characters of a name, of a name of a payee, and of the text that a condition looks for.
MAX_NAME = 100
MAX_PAYEE_NAME = 255
MAX_TEXT = 200

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class TextField(StrEnum):
    """Where a text is looked for: in the payee, or in payee, description, memo or reference."""

    PAYEE = "payee"
    TEXT = "text"


class Comparison(StrEnum):
    """How a field is compared with a text, whatever case, accents and blanks either has."""

    IS = "is"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"


class Direction(StrEnum):
    """Whether money came in or went out."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCondition:
    """A text of the transaction compares so with a value."""

    where: TextField
    comparison: Comparison
    value: str = field(repr=False)

    @property
    def wanted(self) -> str:
        """What `searchable` texts contain if the condition holds."""
        value = comparable_text(self.value)
        begins = "" if self.comparison is Comparison.CONTAINS else _END
        return f"{begins}{value}{_END if self.comparison is Comparison.IS else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountCondition:
    """The amount without its sign is within bounds, which are inclusive; direction and currency."""

    at_least: Decimal | None = None
    at_most: Decimal | None = None
    direction: Direction | None = None
    currency: str | None = None

    def holds(self, money: Money) -> bool:
        """Return whether it holds for an amount; one of zero has no direction."""
        amount, size = money.amount, abs(money.amount)
        return not (
            (self.currency is not None and money.currency != self.currency)
            or (self.at_least is not None and size < self.at_least)
            or (self.at_most is not None and size > self.at_most)
            or (self.direction is Direction.INCOMING and amount <= 0)
            or (self.direction is Direction.OUTGOING and amount >= 0)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCondition:
    """The transaction is on one of these accounts."""

    account_ids: tuple[AccountId, ...]


Condition: TypeAlias = TextCondition | AmountCondition | AccountCondition

# Between texts, and around them. No text in its comparable form contains it.
_END = "\n"


def comparable_text(text: str) -> str:
    """Return text in the form in which it is compared: case, accents and blanks do not matter."""
    return " ".join(folded(text).split())


def searchable(texts: Sequence[str]) -> str:
    """Return texts as one, in which to look for what conditions want."""
    joined = _END.join([" ".join(text.split()) for text in texts])
    # Most texts are in ASCII: what is below does the same, and takes three times as long.
    if joined.isascii():
        return f"{_END}{joined.lower()}{_END}"
    return f"{_END}{_END.join(map(comparable_text, texts))}{_END}"


class RuleChanges(TypedDict, total=False):
    """What a user says of a rule; what is left out stays as it is."""

    name: str
    enabled: bool
    conditions: tuple[Condition, ...]
    category_id: CategoryId | None
    tags: tuple[str, ...]
    payee_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of a user. Without a category, tags or a name of the payee, it sets none.

    `position` is its place in the order, from 1. `version` counts the changes of the rule itself.
    """

    id: RuleId
    user_id: UserId
    name: str = field(repr=False)
    position: int
    conditions: tuple[Condition, ...] = field(repr=False)
    category_id: CategoryId | None = None
    tags: tuple[str, ...] = field(default=(), repr=False)
    payee_name: str = field(default="", repr=False)
    enabled: bool = True
    version: int = 1

    @classmethod
    def create(
        cls, said: RuleChanges, *, id: RuleId, user_id: UserId, position: int
    ) -> Result[Self, InvalidRule | InvalidTags]:
        """Make a valid rule."""
        blank = cls(id=id, user_id=user_id, name="", position=position, conditions=())
        made = blank.change({"category_id": None, **said})
        return made if isinstance(made, Failure) else Success(replace(made.value, version=1))

    def change(self, said: RuleChanges) -> Result[Self, InvalidRule | InvalidTags]:
        """Return the rule with what is said of it, if that is valid: its next version."""
        tags = parse_tags(said.get("tags", self.tags))
        if isinstance(tags, Failure):
            return tags
        changed = replace(self, **said)
        changed = replace(
            changed,
            tags=tags.value,
            name=" ".join(changed.name.split()),
            payee_name=" ".join(changed.payee_name.split()),
            version=self.version + 1,
        )
        refusal = _refusal(changed, said)
        return Failure(InvalidRule(refusal)) if refusal else Success(changed)


_EFFECTS = {"category_id", "tags", "payee_name"}


def _refusal(rule: Rule, said: RuleChanges) -> str:
    """Return what is wrong with a rule, if anything.

    One whose category was deleted sets nothing, and can still be disabled.
    """
    checks = {
        f"A name has 1 to {MAX_NAME} characters.": 0 < len(rule.name) <= MAX_NAME,
        f"A rule has 1 to {MAX_CONDITIONS} conditions.": (
            0 < len(rule.conditions) <= MAX_CONDITIONS
        ),
        f"A rule adds at most {MAX_RULE_TAGS} tags.": len(rule.tags) <= MAX_RULE_TAGS,
        f"A payee's name has at most {MAX_PAYEE_NAME} characters.": (
            len(rule.payee_name) <= MAX_PAYEE_NAME
        ),
        "Names have no control characters.": not _CONTROL.search(rule.name + rule.payee_name),
        "A rule sets a category, tags or the name of the payee.": bool(
            rule.category_id or rule.tags or rule.payee_name or not _EFFECTS & said.keys()
        ),
    }
    wrong = (text for text, is_right in checks.items() if not is_right)
    return next(filter(None, (*wrong, *map(_refusal_of_condition, rule.conditions))), "")


def _refusal_of_condition(condition: Condition) -> str:
    match condition:
        case TextCondition(value=value) if not comparable_text(value) or len(value) > MAX_TEXT:
            return f"A text to look for has 1 to {MAX_TEXT} characters."
        case AccountCondition(account_ids=ids) if not 0 < len(ids) <= MAX_ACCOUNTS:
            return f"A condition names 1 to {MAX_ACCOUNTS} accounts."
        case AmountCondition():
            return _refusal_of_bounds(condition)
        case _:
            return ""


def _refusal_of_bounds(condition: AmountCondition) -> str:
    if condition == AmountCondition():
        return "A condition on the amount has bounds, a direction or a currency."
    bounds = [each for each in (condition.at_least, condition.at_most) if each is not None]
    if any(bound < 0 for bound in bounds):
        return "Bounds of an amount have no sign. Use the direction instead."
    return "" if bounds == sorted(bounds) else "The lower bound is above the upper one."


def arranged(rules: Sequence[Rule], rule: Rule, position: int | None) -> list[Rule]:
    """Return rules in order with one of them, new or not, at a position, or as the last one."""
    others = [each for each in rules if each.id != rule.id]
    place = len(others) if position is None else min(max(position, 1) - 1, len(others))
    return numbered([*others[:place], rule, *others[place:]])


def numbered(rules: Iterable[Rule]) -> list[Rule]:
    """Return rules with their places in this order, from 1."""
    return [replace(each, position=number) for number, each in enumerate(rules, 1)]


def used_accounts(conditions: Iterable[Condition]) -> set[AccountId]:
    """Return the accounts that conditions name."""
    named = (each.account_ids for each in conditions if isinstance(each, AccountCondition))
    return {account_id for ids in named for account_id in ids}


#: The paths of categories.
Paths: TypeAlias = Mapping[CategoryId, str]
