"""The limits of readers. Bytes and compression are limited before a reader is called."""

#: Default for the rows of a file, including quarantined ones.
MAX_ROWS = 100_000
#: Statements of a file: enough for the daily statements of four accounts in two years.
MAX_STATEMENTS = 2_000
#: Statements and balances of a file together: each costs as much as a row.
MAX_BALANCES = 20_000
#: Accounts in a file.
MAX_ACCOUNTS = 1_000
#: Characters of an id, an account number or the name of an institution.
MAX_ID = 255
#: Characters of any other value of a row.
MAX_VALUE = 10_000
#: Characters of a date, and of an amount with its currency: longer ones are neither.
MAX_DATE = 32
MAX_AMOUNT = 64
#: Characters of a line, in formats that have lines.
MAX_LINE = 100_000
#: Depth of nested elements.
MAX_DEPTH = 64
