"""The layouts of banks whose headings alone mislead: one entry is one layout of one bank.

An entry answers what a person would be asked about such a file, or would have to know: that a card
writes charges without a minus, in which order it writes dates, which of two amounts counts. Where
the words of `headings` suffice, no entry is needed. Hints of a person come before it, and it is not
used where the values of the file do not fit it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from adapters.statements.csv.amounts import is_direction, parse_token
from adapters.statements.csv.dates import is_date
from adapters.statements.csv.evidence import holds_amounts
from adapters.statements.csv.kinds import kinds_are_turned_round
from adapters.statements.csv.payments import thank_for_payment
from adapters.statements.csv.records import Table
from adapters.statements.csv.words.comparing import listed
from adapters.statements.csv.words.headings import HEADERS
from domain.ledger.hints import CsvColumn, DateOrder, ReadingHints
from domain.shared.money import is_listed


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLayout:
    """The headings by which a layout is known, separated by `|`, and what is peculiar about it.

    With `only`, the file has no other headings. A file without headings is known by the `forms` of
    its values, column by column. `columns` are named as in `ReadingHints`. The layout of a program
    is one, whatever columns its releases add.
    """

    headings: str = ""
    forms: str = ""
    only: bool = False
    columns: Mapping[CsvColumn, str] = field(default_factory=dict)
    charges_positive: bool | None = None
    date_order: DateOrder | None = None
    is_program: bool = False


# Where the headings are plain words, one in so many.
_FEW = 4
_DAY, _MONTH = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST
#: By the name of the bank, for people alone. Where several fit, the first one counts.
LAYOUTS = {
    # Programs, whose files have the accounts of many banks.
    "Firefly III": BankLayout(
        headings="journal_id|type|amount|currency_code|foreign_amount|foreign_currency_code"
        "|description|date|source_name|source_type|destination_name|destination_type",
        columns={
            CsvColumn.BOOKING_DATE: "date",
            CsvColumn.AMOUNT: "amount",
            CsvColumn.CURRENCY: "currency_code",
            CsvColumn.DESCRIPTION: "description",
            CsvColumn.PROVIDER_ID: "journal_id",
            CsvColumn.ACCOUNT: "source_name",
            CsvColumn.ACCOUNT_KIND: "source_type",
            CsvColumn.DESTINATION: "destination_name",
            CsvColumn.DESTINATION_KIND: "destination_type",
            CsvColumn.DESTINATION_AMOUNT: "foreign_amount",
            CsvColumn.DESTINATION_CURRENCY: "foreign_currency_code",
        },
        date_order=DateOrder.YEAR_FIRST,
        is_program=True,
    ),
    "YNAB": BankLayout(
        headings="account|flag|date|payee|category group|category|memo|outflow|inflow|cleared",
        is_program=True,
    ),
    "Mint": BankLayout(
        headings="date|description|original description|amount|transaction type|category"
        "|account name",
        date_order=_MONTH,
        is_program=True,
    ),
    # Cards that write charges without a minus, and payments with one.
    "American Express, America": BankLayout(
        headings="date|description|amount|extended details|appears on your statement as|zip code",
        charges_positive=True,
        date_order=_MONTH,
    ),
    "American Express, Britain": BankLayout(
        headings="date|description|amount|extended details|appears on your statement as|postcode",
        charges_positive=True,
        date_order=_DAY,
    ),
    "American Express": BankLayout(
        headings="date|description|amount|extended details|appears on your statement as",
        charges_positive=True,
    ),
    "American Express, short": BankLayout(
        headings="date|description|card member|account|amount", charges_positive=True
    ),
    "American Express, Germany": BankLayout(
        headings="Datum|Beschreibung|Karteninhaber|Konto|Betrag",
        charges_positive=True,
        date_order=_DAY,
    ),
    "American Express, Sweden": BankLayout(
        headings="Datum|Beskrivning|Kortmedlem|Konto|Belopp", charges_positive=True
    ),
    "Apple Card": BankLayout(
        headings="transaction date|clearing date|description|merchant|category|type|amount",
        charges_positive=True,
        date_order=_MONTH,
    ),
    "Discover": BankLayout(
        headings="trans date|post date|description|amount|category",
        charges_positive=True,
        date_order=_MONTH,
    ),
    "Lloyds, Halifax and MBNA cards": BankLayout(
        headings="date|date entered|reference|description|amount",
        charges_positive=True,
        date_order=_DAY,
    ),
    "Nubank card": BankLayout(headings="date|title|amount", only=True, charges_positive=True),
    "Nubank card, older": BankLayout(
        headings="date|category|title|amount", only=True, charges_positive=True
    ),
    "Itaú card": BankLayout(
        headings="data|lançamento|valor", only=True, charges_positive=True, date_order=_DAY
    ),
    "Inter card": BankLayout(
        headings="data|lançamento|categoria|tipo|valor",
        only=True,
        charges_positive=True,
        date_order=_DAY,
    ),
    "C6 card": BankLayout(
        headings="data de compra|nome no cartão|final do cartão|categoria|descrição|parcela",
        columns={CsvColumn.AMOUNT: "Valor (em R$)"},
        charges_positive=True,
        date_order=_DAY,
    ),
    "Isracard": BankLayout(
        headings="תאריך רכישה|שם בית עסק|סכום עסקה|סכום חיוב",
        columns={
            CsvColumn.BOOKING_DATE: "תאריך רכישה",
            CsvColumn.AMOUNT: "סכום חיוב",
            CsvColumn.CURRENCY: "מטבע חיוב",
        },
        charges_positive=True,
        date_order=_DAY,
    ),
    "Rakuten and PayPay cards": BankLayout(
        headings="利用店名・商品名|利用者|利用金額", charges_positive=True
    ),
    "Copilot": BankLayout(
        headings="date|name|amount|status|category|parent category|excluded", charges_positive=True
    ),
    "ABN AMRO, tabs": BankLayout(
        forms="number|code|date|amount|amount|date|amount|text",
        columns={
            CsvColumn.ACCOUNT: "#1",
            CsvColumn.CURRENCY: "#2",
            CsvColumn.BOOKING_DATE: "#3",
            CsvColumn.BALANCE: "#5",
            CsvColumn.VALUE_DATE: "#6",
            CsvColumn.AMOUNT: "#7",
            CsvColumn.DESCRIPTION: "#8",
        },
    ),
    "ASN Bank, RegioBank and SNS": BankLayout(
        # The first amount is the balance before the row.
        forms="date|number|any|any|any|any|any|code|amount|code|amount|date|date|any|any|any|any|any|any",
        columns={
            CsvColumn.BOOKING_DATE: "#1",
            CsvColumn.ACCOUNT: "#2",
            CsvColumn.COUNTERPARTY_ACCOUNT: "#3",
            CsvColumn.DESCRIPTION: "#4",
            CsvColumn.CURRENCY: "#10",
            CsvColumn.AMOUNT: "#11",
            CsvColumn.VALUE_DATE: "#13",
            CsvColumn.MEMO: "#18",
        },
        date_order=_DAY,
    ),
    "Triodos": BankLayout(
        forms="date|number|amount|direction|any|any|any|any|amount",
        columns={
            CsvColumn.BOOKING_DATE: "#1",
            CsvColumn.ACCOUNT: "#2",
            CsvColumn.AMOUNT: "#3",
            CsvColumn.DIRECTION: "#4",
            CsvColumn.DESCRIPTION: "#5",
            CsvColumn.COUNTERPARTY_ACCOUNT: "#6",
            CsvColumn.KIND: "#7",
            CsvColumn.MEMO: "#8",
            CsvColumn.BALANCE: "#9",
        },
        date_order=_DAY,
    ),
    # Texts: what is called otherwise is the description.
    "Wise": BankLayout(
        headings="TransferWise ID|date|amount|currency|description|running balance|merchant",
        columns={CsvColumn.DESCRIPTION: "Description"},
        date_order=_DAY,
    ),
    "Zürcher Kantonalbank": BankLayout(
        headings="Datum|Buchungstext|Whg|Betrag Detail|ZKB-Referenz",
        columns={CsvColumn.DESCRIPTION: "Buchungstext"},
        date_order=_DAY,
    ),
    # Dates with slashes, whose order the country decides.
    "Chase": BankLayout(
        headings="details|posting date|description|amount|type|balance", date_order=_MONTH
    ),
    "Chase card": BankLayout(
        headings="transaction date|post date|description|category|type|amount",
        charges_positive=False,
        date_order=_MONTH,
    ),
    "Bank of America": BankLayout(
        headings="date|description|amount|running bal", date_order=_MONTH
    ),
    "Bank of America card": BankLayout(
        headings="posted date|reference number|payee|address|amount", date_order=_MONTH
    ),
    "Citi": BankLayout(
        headings="status|date|description|debit|credit|member name", date_order=_MONTH
    ),
    "Citi, older": BankLayout(
        headings="status|date|description|debit|credit", only=True, date_order=_MONTH
    ),
    "Capital One": BankLayout(
        headings="account number|transaction description|transaction date|transaction type"
        "|transaction amount|balance",
        date_order=_MONTH,
    ),
    "Fidelity": BankLayout(headings="run date|action|symbol|description", date_order=_MONTH),
    "Schwab": BankLayout(
        headings="date|action|symbol|description|quantity|price|fees comm|amount",
        date_order=_MONTH,
    ),
    "Schwab bank": BankLayout(
        headings="date|status|type|description|withdrawal|deposit|running balance",
        date_order=_MONTH,
    ),
    "Robinhood": BankLayout(
        headings="activity date|process date|settle date|trans code|amount", date_order=_MONTH
    ),
    "Royal Bank of Canada": BankLayout(
        headings="account type|account number|transaction date|cheque number|cad|usd",
        date_order=_MONTH,
    ),
    "Lloyds, Halifax and TSB": BankLayout(
        headings="transaction date|transaction type|sort code|account number"
        "|transaction description|debit amount|credit amount|balance",
        date_order=_DAY,
    ),
    "NatWest and Ulster Bank": BankLayout(
        headings="date|type|description|value|balance|account name|account number",
        date_order=_DAY,
    ),
    "Barclays": BankLayout(headings="number|date|account|amount|subcategory|memo", date_order=_DAY),
    "Starling": BankLayout(
        headings="date|counter party|reference|type|amount|balance", date_order=_DAY
    ),
    "Monzo": BankLayout(
        headings="transaction id|date|time|type|name|emoji|category|amount|currency",
        date_order=_DAY,
    ),
    "Allied Irish Banks": BankLayout(
        headings="posted account|posted transactions date|debit amount|credit amount",
        date_order=_DAY,
    ),
    "Westpac": BankLayout(
        headings="bank account|date|narrative|debit amount|credit amount|balance|categories|serial",
        date_order=_DAY,
    ),
    "ANZ, New Zealand": BankLayout(
        headings="type|details|particulars|code|reference|amount|date|foreign currency amount"
        "|conversion charge",
        date_order=_DAY,
    ),
    "BNZ": BankLayout(
        headings="date|amount|payee|particulars|code|reference|tran type", date_order=_DAY
    ),
    "Westpac, New Zealand": BankLayout(
        headings="date|amount|other party|description|reference|particulars|analysis code",
        date_order=_DAY,
    ),
    "HDFC Bank": BankLayout(
        headings="date|narration|value dat|debit amount|credit amount|closing balance",
        date_order=_DAY,
    ),
    "State Bank of India": BankLayout(
        headings="txn date|value date|description|debit|credit|balance", date_order=_DAY
    ),
    "ICICI Bank": BankLayout(
        headings="value date|transaction date|transaction remarks", date_order=_DAY
    ),
    "Axis Bank": BankLayout(headings="tran date|chqno|particulars|dr|cr|bal", date_order=_DAY),
}
_NUMBER = re.compile(r"[A-Z]{0,2}[\d. ]{6,34}|[A-Z]{2}\d\d[A-Z0-9]{11,30}", re.ASCII)
_FORMS: Mapping[str, Callable[[str], bool]] = {
    "number": lambda cell: _NUMBER.fullmatch(cell) is not None,
    "code": is_listed,
    "date": is_date,
    "amount": lambda cell: parse_token(cell) is not None,
    "direction": is_direction,
    "text": bool,
    "any": lambda _: True,
}
_NAMES = {layout.headings: frozenset(listed(layout.headings)) for layout in LAYOUTS.values()}


def by_layout(table: Table, hints: ReadingHints) -> ReadingHints:
    """Return the hints, with what the layout of a known bank answers besides."""
    for layout in LAYOUTS.values():
        if _is_of(table, layout) and _fits(table, layout):
            return _with_layout(hints, layout)
    return hints


def known_layout(table: Table) -> str:
    """Return what identifies the layout of a program, or nothing."""
    return next(
        (
            f"csv {name}"
            for name, layout in LAYOUTS.items()
            if layout.is_program and _is_of(table, layout)
        ),
        "",
    )


def _is_of(table: Table, layout: BankLayout) -> bool:
    if layout.forms:
        forms = [_FORMS[form] for form in layout.forms.split("|")]
        holds = (form is _FORMS["any"] or table.holds(at, form) for at, form in enumerate(forms))
        return table.header == () and table.width == len(forms) and all(holds)
    names, wanted = set(table.names) - {""}, _NAMES[layout.headings]
    return names == wanted if layout.only else names >= wanted


def _fits(table: Table, layout: BankLayout) -> bool:
    """Say whether the columns are there, and more amounts are charges than payments."""
    if layout.forms:
        return True
    headings = [heading.strip() for heading in table.header]
    if not all(heading in headings for heading in layout.columns.values()):
        return False
    if not layout.charges_positive:
        return True
    name = layout.columns.get(CsvColumn.AMOUNT)
    at = headings.index(name) if name else _amount(table)
    if at is None or not holds_amounts(table, at):
        return False
    # Few amounts of a card have a minus: payments, and what shops paid back.
    back = [row.cells for row in table.rows_like(at, _is_negative)]
    most = len(table.rows) // (_FEW if layout.only else 2)
    is_card = len(back) <= most or len(thank_for_payment(back)) == len(back)
    return is_card or kinds_are_turned_round(table, at)


def _is_negative(cell: str) -> bool:
    token = parse_token(cell)
    return token is not None and token.is_negative


def _amount(table: Table) -> int | None:
    found = (name for name in HEADERS[CsvColumn.AMOUNT] if name in table.names)
    name = next(found, None)
    return None if name is None else table.names.index(name)


def _with_layout(hints: ReadingHints, layout: BankLayout) -> ReadingHints:
    own = {role: name for role, name in layout.columns.items() if role not in hints.columns}
    positive = hints.charges_positive
    return replace(
        hints,
        columns={**own, **hints.columns},
        charges_positive=layout.charges_positive if positive is None else positive,
        date_order=hints.date_order or layout.date_order,
    )
