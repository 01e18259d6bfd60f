"""Accounts of a QIF file whose amounts may be charges that are written without a minus."""

from collections.abc import Mapping, Sequence

from adapters.statements.qif.records import Record
from adapters.statements.questions import shown
from domain.ledger.kinds import AccountKind
from domain.ledger.questions import Asked, Question

# An account that is no card has at least so many amounts, none of which has a minus.
_MANY = 3
_SHOWN = "DPT"
_REASON = (
    "The amounts of the file may be charges that are written without a minus:"
    " say whether charges are positive."
)
#: The name of an account, and the kind of its section.
AccountKey = tuple[str, AccountKind | None]


def like_charges(records: Sequence[Record]) -> Mapping[AccountKey, Sequence[Record]]:
    """Return the records of cards on which more comes in, or else of accounts without any minus.

    What an investment does says which way its cash goes. One answer serves all of these, so beside
    a card, other accounts mean what they say.
    """
    found: dict[AccountKey, list[Record]] = {}
    for record in records:
        if record.kind not in (None, AccountKind.INVESTMENT):
            found.setdefault((record.account, record.kind), []).append(record)
    alike = {key: each for key, each in found.items() if _are_like_charges(key, each)}
    cards = {key: each for key, each in alike.items() if key[1] is AccountKind.CREDIT_CARD}
    return cards or alike


def charges(found: Mapping[AccountKey, Sequence[Record]]) -> Question:
    """Ask whether amounts without a minus are charges."""
    cards = [kind is AccountKind.CREDIT_CARD for _, kind in found]
    records = [record for each in found.values() for record in each]
    return Question(
        field=Asked.CHARGES_POSITIVE,
        reason=_REASON,
        options=["true", "false"],
        suggestion="true" if all(cards) else None,
        examples=shown(
            [" · ".join(filter(None, map(each.leaves.get, _SHOWN))) for each in records]
        ),
    )


def _are_like_charges(key: AccountKey, records: Sequence[Record]) -> bool:
    amounts = [record.leaves.get("T") or record.leaves.get("U") or "" for record in records]
    amounts = [amount for amount in amounts if any("1" <= digit <= "9" for digit in amount)]
    negative = sum("-" in amount or "(" in amount for amount in amounts)
    if key[1] is AccountKind.CREDIT_CARD:
        return len(amounts) > 2 * negative
    return len(amounts) >= _MANY and not negative
