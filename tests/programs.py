"""Made-up exports of other programs, below the headers that these write."""

#: Those of Firefly III 6.1, 6.2 and later, which write the same columns in another order.
_BEFORE = "user_id,group_id,journal_id,created_at,updated_at,group_title,type"
_MONEY = {
    "6.1": "amount,foreign_amount,currency_code,foreign_currency_code",
    "6.2": "currency_code,amount,foreign_currency_code,foreign_amount"
    ",native_currency_code,native_amount,native_foreign_amount",
}
_AFTER = (
    "description,date,source_name,source_iban,source_type,destination_name,destination_iban"
    ",destination_type,reconciled,category,budget,bill,tags,notes,sepa_cc,sepa_ct_op,sepa_ct_id"
    ",sepa_db,sepa_country,sepa_ep,sepa_ci,sepa_batch_id,external_url,interest_date,book_date"
    ",process_date,due_date,payment_date,invoice_date,recurrence_id,internal_reference"
    ",bunq_payment_id,import_hash,import_hash_v2,external_id,original_source,recurrence_total"
    ",recurrence_count,recurrence_date"
)
CHECKING, SAVINGS, DOLLARS, LOAN = (
    ("Checking", "Asset account"),
    ("Savings", "Asset account"),
    ("Travel", "Asset account"),
    ("Car loan", "Loan"),
)
MARKET, EMPLOYER = ("Market", "Expense account"), ("Employer", "Revenue account")
INITIAL = ('Initial balance for ""Checking""', "Initial balance account")
CORRECTION = ("Checking reconciliation (EUR)", "Reconciliation account")
Party = tuple[str, str]


def journal(
    number: int,
    kind: str,
    amount: str,
    source: Party,
    destination: Party,
    *,
    currency: str = "EUR",
    foreign: tuple[str, str] = ("", ""),
    category: str = "",
    tags: str = "",
    notes: str = "",
    day: int = 5,
    group: int = 0,
    release: str = "6.2",
) -> str:
    """Return a row of Firefly III; it numbers its journals."""
    when = f"2024-01-{day:02}T00:00:00+01:00"
    money = {
        "6.1": f"{amount},{foreign[0]},{currency},{foreign[1]}",
        "6.2": f"{currency},{amount},{foreign[1]},{foreign[0]},EUR,,",
    }[release]
    before = f"1,{group or number},{number},{when},{when},,{kind},{money}"
    sides = ",".join(f'"{name}",,{what}' for name, what in (source, destination))
    return f'{before},Journal {number},{when},{sides},,{category},,,"{tags}","{notes}"' + "," * 25


def firefly(*journals: str, release: str = "6.2") -> str:
    header = f"{_BEFORE},{_MONEY[release]},{_AFTER}"
    return "\n".join([header, *journals]) + "\n"


#: What most people have: pay, purchases, and money that is put aside.
JANUARY = (
    journal(1, "Opening balance", "1000.00", INITIAL, CHECKING, day=1),
    journal(
        2,
        "Withdrawal",
        "-12.50",
        CHECKING,
        MARKET,
        category="Groceries",
        tags="food,city trip",
        notes="with bread",
    ),
    journal(3, "Deposit", "2000.00", EMPLOYER, CHECKING, category="Salary", day=6),
    journal(4, "Transfer", "300.00", CHECKING, SAVINGS, tags="Saving", day=7),
)

YNAB_HEADER = (
    '"Account","Flag","Date","Payee","Category Group/Category","Category Group","Category","Memo"'
    ',"Outflow","Inflow","Cleared"\n'
)
YNAB = (
    YNAB_HEADER
    + """\
"Checking","","01/01/2026","Starting Balance","Inflow: Ready to Assign","Inflow","Ready to Assign",\
"",$0.00,$1500.00,"Reconciled"
"Checking","","01/15/2026","Corner Market","Food: Groceries","Food","Groceries","Weekly",$85.42,\
$0.00,"Cleared"
"Checking","","01/14/2026","Employer","Inflow: Ready to Assign","Inflow","Ready to Assign","",\
$0.00,"$3,500.00","Cleared"
"Checking","","01/13/2026","Transfer : Savings","","","","Put aside",$500.00,$0.00,"Cleared"
"Savings","Red","01/13/2026","Transfer : Checking","","","","Put aside",$0.00,$500.00,"Cleared"
"Checking","","01/12/2026","Big Store","Food: Groceries","Food","Groceries","Split (1/2) bread",\
$6.75,$0.00,"Cleared"
"Checking","","01/12/2026","Big Store","Home: Things","Home","Things","Split (2/2) ",$3.25,$0.00,\
"Cleared"
"Brokerage","","01/02/2026","Starting Balance","","","","",$0.00,$483.25,"Reconciled"
"""
)

MINT = """\
"Date","Description","Original Description","Amount","Transaction Type","Category","Account Name"\
,"Labels","Notes"
"1/5/2024","Coffee House","COFFEE HOUSE #1234","5.75","debit","Coffee Shops","Gold Card","",""
"1/5/2024","Paycheck","EMPLOYER DIRECT DEP","2500.00","credit","Paycheck","Checking","","bonus"
"1/6/2024","Transfer to Savings","TRANSFER","100.00","debit","Transfer","Checking","",""
"1/6/2024","Transfer from Checking","TRANSFER","100.00","credit","Transfer","Savings","",""
"1/7/2024","Whole Market","WHOLEMKT #123","42.18","debit","Groceries","Gold Card","food healthy",""
"""
