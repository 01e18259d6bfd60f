"""What Enable Banking answers about accounts, in the shapes of its published reference."""

import json
from collections.abc import Sequence
from typing import Any

IBAN = "FI2112345600000785"
ACCOUNT: dict[str, Any] = {
    "account_id": {"iban": IBAN},
    "account_servicer": {"bic_fi": "NDEAFIHH", "name": "North Bank"},
    "cash_account_type": "CACC",
    "currency": "EUR",
    "identification_hash": "WwpbCiJhY2NvdW50Il0K",
    "name": "Ada Lovelace",
    "product": "Current account",
}
RETRIEVAL = {
    "first_day": "2026-03-01",
    "last_day": "2026-03-31",
    "complete": True,
    "retrieved_at": "2026-03-31T09:00:00+00:00",
}


def entry_of(amount: str, reference: str | None = "E1", **members: Any) -> dict[str, Any]:
    """Return a booked transaction; a negative amount is a debit."""
    is_debit = amount.startswith("-")
    other = {"name": "Coffee house"}
    return {
        "entry_reference": reference,
        "transaction_amount": {"amount": amount.removeprefix("-"), "currency": "EUR"},
        "credit_debit_indicator": "DBIT" if is_debit else "CRDT",
        "status": "BOOK",
        "booking_date": "2026-03-13",
        "value_date": "2026-03-14",
        "transaction_date": None,
        "creditor" if is_debit else "debtor": other,
        "remittance_information": ["Invoice 7"],
        "bank_transaction_code": {"description": "Transfer", "code": "PMNT", "sub_code": None},
        "transaction_id": "dGhpcyBjaGFuZ2Vz",
        **members,
    }


def balance_of(code: str, amount: str, day: str | None = "2026-03-31") -> dict[str, Any]:
    return {
        "name": code,
        "balance_amount": {"amount": amount, "currency": "EUR"},
        "balance_type": code,
        "last_change_date_time": None,
        "reference_date": day,
    }


def document(
    *transactions: Any,
    account: Any = ACCOUNT,
    balances: Sequence[Any] = (),
    retrieval: Any = RETRIEVAL,
) -> bytes:
    """Return a document as it is fetched, with a line for each transaction."""
    parts = (
        ("aspsp", {"name": "North", "country": "FI"}),
        ("account", account),
        ("balances", list(balances)),
    )
    lines = [f'"{name}": {json.dumps(part)},' for name, part in parts]
    rows = ",\n".join(json.dumps(each) for each in transactions)
    lines += ['"transactions": [', *([rows] if rows else []), "],"]
    lines += [f'"retrieval": {json.dumps(retrieval)}}}']
    return ('{"dashtam": "enable-banking",\n' + "\n".join(lines) + "\n").encode()
