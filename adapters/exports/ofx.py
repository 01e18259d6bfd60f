"""Writes OFX 2.2: one statement for each account and currency.

Credit cards have card statements; all other accounts, including investments, have bank statements
of their cash transactions. OFX has no fields for notes and categories.
"""

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from hashlib import sha256
from xml.sax.saxutils import escape

from adapters.exports.text import in_blocks, on_one_line
from adapters.statements.limits import MAX_ID
from adapters.statements.ofx.rows import KINDS
from adapters.statements.ofx.statements import ACCOUNT_TYPES
from domain.ledger.exports import AccountLedger, ExportedTransaction, Ledger
from domain.ledger.kinds import AccountKind, TransactionKind
from domain.shared.money import Money, exact_sum

# OFX 2.2, sections 2.2, 2.5.1.8, 11.3 and 11.4.3
HEADER = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
    '<?OFX OFXHEADER="200" VERSION="220" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>\n'
)
STATUS = "<STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS>"
ORG_LENGTH, BANK_LENGTH, NUMBER_LENGTH, NAME_LENGTH, MEMO_LENGTH = 32, 9, 22, 32, 255
DIGEST_LENGTH = 6
# The day of an empty ledger.
NO_DAY = date(1970, 1, 1)

_TYPES = {kind: code for code, kind in ACCOUNT_TYPES.items()}
_CODES = {kind: code for code, kind in KINDS.items()}
# Whoever reads the file may take these for charges without a minus, if money comes in by them.
_OUTGOING = {TransactionKind.DEBIT, TransactionKind.CASH, TransactionKind.DIRECT_DEBIT}


class OfxWriter:
    """`LedgerWriter` of OFX 2.2. The latest day in the ledger serves as the server's time."""

    format = "ofx"
    media_type = "application/x-ofx"
    suffix = ".ofx"

    def write(self, ledger: Ledger) -> Iterator[bytes]:
        return in_blocks(_document(ledger))


def _document(ledger: Ledger) -> Iterator[str]:
    cards = [account_ledger for account_ledger in ledger.accounts if _is_card(account_ledger)]
    others = [account_ledger for account_ledger in ledger.accounts if not _is_card(account_ledger)]
    yield f"{HEADER}<OFX>\n{_sign_on(ledger)}"
    for name, account_ledgers in (("BANKMSGSRSV1", others), ("CREDITCARDMSGSRSV1", cards)):
        if account_ledgers:
            yield f"<{name}>\n"
            for account_ledger in account_ledgers:
                yield from _statement(account_ledger)
            yield f"</{name}>\n"
    yield "</OFX>\n"


def _sign_on(ledger: Ledger) -> str:
    """Return the sign-on response; it names the institution if there is only one."""
    institutions = {account_ledger.account.institution for account_ledger in ledger.accounts}
    only = on_one_line(institutions.pop()) if len(institutions) == 1 else ""
    organisation = f"<FI>{_leaf('ORG', _fitted(only, ORG_LENGTH))}</FI>" if only else ""
    return (
        f"<SIGNONMSGSRSV1><SONRS>{STATUS}{_day('DTSERVER', ledger.last_day or NO_DAY)}"
        f"<LANGUAGE>ENG</LANGUAGE>{organisation}</SONRS></SIGNONMSGSRSV1>\n"
    )


def _statement(account_ledger: AccountLedger) -> Iterator[str]:
    card = "CC" if _is_card(account_ledger) else ""
    yield (
        f"<{card}STMTTRNRS><TRNUID>0</TRNUID>{STATUS}<{card}STMTRS>\n"
        f"{_leaf('CURDEF', account_ledger.currency)}{_account(account_ledger)}\n"
        f"<BANKTRANLIST>{_day('DTSTART', account_ledger.first_day)}"
        f"{_day('DTEND', account_ledger.last_day)}\n"
    )
    shared = frozenset(account_ledger.shared_ids)
    pending: list[str] = []
    total = Decimal(0)
    for transaction in account_ledger.transactions:
        if transaction.is_pending:
            pending.append(_pending(transaction))
        else:
            total = exact_sum(total, transaction.amount.amount)
            yield _booked(transaction, shared)
    yield "</BANKTRANLIST>\n"
    if pending:
        yield f"<BANKTRANLISTP>{_day('DTASOF', account_ledger.last_day)}\n"
        yield from pending
        yield "</BANKTRANLISTP>\n"
    yield f"{_balance(account_ledger, total)}</{card}STMTRS></{card}STMTTRNRS>\n"


def _is_card(account_ledger: AccountLedger) -> bool:
    return account_ledger.account.kind is AccountKind.CREDIT_CARD


def _account(account_ledger: AccountLedger) -> str:
    account = account_ledger.account
    number = _leaf("ACCTID", _fitted(on_one_line(account.number or account.name), NUMBER_LENGTH))
    if _is_card(account_ledger):
        return f"<CCACCTFROM>{number}</CCACCTFROM>"
    bank = _leaf(
        "BANKID", _fitted(on_one_line(account.routing_number or account.institution), BANK_LENGTH)
    )
    kind = _leaf("ACCTTYPE", _TYPES.get(account.kind, "CHECKING"))
    return f"<BANKACCTFROM>{bank}{number}{kind}</BANKACCTFROM>"


def _booked(transaction: ExportedTransaction, shared: Collection[str]) -> str:
    available = transaction.value_date
    return (
        f"<STMTTRN>{_leaf('TRNTYPE', _code(transaction))}"
        f"{_day('DTPOSTED', transaction.booking_date)}"
        f"{_day('DTAVAIL', available) if available else ''}"
        f"{_leaf('TRNAMT', transaction.amount.digits)}{_leaf('FITID', _id(transaction, shared))}"
        f"{_texts(transaction)}</STMTTRN>\n"
    )


def _code(transaction: ExportedTransaction) -> str:
    kind = transaction.kind
    # HOLD is for pending transactions only.
    is_other = kind is TransactionKind.HOLD and not transaction.is_pending
    is_other |= kind in _OUTGOING and transaction.amount.amount > 0
    return "OTHER" if is_other else _CODES.get(kind, "OTHER")


def _id(transaction: ExportedTransaction, shared: Collection[str]) -> str:
    """Return the bank's id if it is unique and can be read back, else our own."""
    bank_id = transaction.provider_id or ""
    is_readable = 0 < len(bank_id) <= MAX_ID and on_one_line(bank_id) == bank_id
    return bank_id if is_readable and bank_id not in shared else str(transaction.id)


def _pending(transaction: ExportedTransaction) -> str:
    return (
        f"<STMTTRNP>{_leaf('TRNTYPE', _code(transaction))}"
        f"{_day('DTTRAN', transaction.booking_date)}{_leaf('TRNAMT', transaction.amount.digits)}"
        f"{_texts(transaction)}</STMTTRNP>\n"
    )


def _texts(transaction: ExportedTransaction) -> str:
    """Return name and memo; a text that is too long for a name becomes a memo."""
    text = on_one_line(transaction.description)
    name, dash, memo = text.partition(" – ")
    if len(text) <= NAME_LENGTH:
        name, memo = text, ""
    elif not dash or not _can_be_joined(name, memo):
        name, memo = "", text[:MEMO_LENGTH].strip()
    return "".join(_leaf(tag, each) for tag, each in (("NAME", name), ("MEMO", memo)) if each)


def _can_be_joined(name: str, memo: str) -> bool:
    """Return whether a reader restores the original text from name and memo."""
    return 0 < len(name) <= NAME_LENGTH and 0 < len(memo) <= MEMO_LENGTH and memo != name


def _balance(account_ledger: AccountLedger, total: Decimal) -> str:
    """Return the balance that OFX requires: the last stated one, or else that of the last day.

    If no balance is known, it is the sum of booked amounts.
    """
    summed = Money(total, account_ledger.currency)
    last = account_ledger.closing or summed, account_ledger.last_day
    stated = [(balance.money, balance.day) for balance in account_ledger.balances]
    money, day = stated[-1] if stated else last
    return f"<LEDGERBAL>{_leaf('BALAMT', money.digits)}{_day('DTASOF', day)}</LEDGERBAL>\n"


def _fitted(text: str, length: int) -> str:
    """Shorten a name to its end, with a digest before it that keeps names distinct.

    OFX requires a name, so an empty one becomes 0.
    """
    if len(text) <= length:
        return text or "0"
    digest = sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]
    return digest + text[DIGEST_LENGTH - length :].strip()


def _day(name: str, day: date) -> str:
    # Noon UTC is the same day in almost every time zone.
    return f"<{name}>{day.isoformat().replace('-', '')}120000</{name}>"


def _leaf(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"
