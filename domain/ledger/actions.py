"""Actions on the ledger that are only audited, not published."""

from domain.shared.events import Action, AuditResult, ResourceType

# Accounts: the account, where only one is looked at.
ACCOUNTS_VIEWED = Action("accounts.viewed", ResourceType.ACCOUNT, ("count",), repeats=True)
ACCOUNT_VIEWED = Action("account.viewed", ResourceType.ACCOUNT, repeats=True)
ACCOUNT_CHANGED = Action("account.changed", ResourceType.ACCOUNT, ("fields",))
ACCOUNT_REMOVED = Action("account.removed", ResourceType.ACCOUNT)
# What becomes of the rows of the merged account is counted.
ACCOUNTS_MERGED = Action(
    "accounts.merged", ResourceType.ACCOUNT, ("merged_id", "imports", "merge_id", "rows")
)
ACCOUNT_MERGE_PREVIEWED = Action(
    "account_merge.previewed", ResourceType.ACCOUNT, ("merged_id", "imports", "rows")
)
ACCOUNT_MERGE_UNDONE = Action(
    "account_merge.undone", ResourceType.ACCOUNT, ("merged_id", "imports", "merge_id")
)
ACCOUNT_MERGES_VIEWED = Action(
    "account_merges.viewed", ResourceType.ACCOUNT, ("count",), repeats=True
)
ACCOUNT_MERGE_VIEWED = Action(
    "account_merge.viewed", ResourceType.ACCOUNT, ("merge_id",), repeats=True
)
BALANCES_VIEWED = Action("balances.viewed", ResourceType.ACCOUNT, ("count",), repeats=True)
STATED_BALANCES_VIEWED = Action(
    "stated_balances.viewed", ResourceType.ACCOUNT, ("count",), repeats=True
)
HOLDINGS_VIEWED = Action("holdings.viewed", ResourceType.ACCOUNT, ("count",), repeats=True)
NET_WORTH_VIEWED = Action("net_worth.viewed", ResourceType.ACCOUNT, ("days",), repeats=True)
STATEMENTS_VIEWED = Action("statements.viewed", ResourceType.ACCOUNT, ("count",), repeats=True)
CONTINUITY_VIEWED = Action(
    "continuity.viewed",
    ResourceType.ACCOUNT,
    ("gaps", "overlaps", "failing", "ledger_unbalanced"),
    repeats=True,
)
TRANSACTIONS_VIEWED = Action("transactions.viewed", ResourceType.ACCOUNT, ("count",), repeats=True)
CHANGES_VIEWED = Action("changes.viewed", ResourceType.ACCOUNT, ("count",), repeats=True)
LEDGER_EXPORTED = Action("ledger.exported", ResourceType.ACCOUNT, ("format", "count"))

TRANSACTION_VIEWED = Action("transaction.viewed", ResourceType.TRANSACTION, repeats=True)
DELETED_TRANSACTIONS_VIEWED = Action(
    "deleted_transactions.viewed", ResourceType.TRANSACTION, ("count",), repeats=True
)
CONFLICTS_VIEWED = Action("conflicts.viewed", ResourceType.TRANSACTION, ("count",), repeats=True)
INBOX_VIEWED = Action("inbox.viewed", ResourceType.TRANSACTION, ("count",), repeats=True)

TRANSFERS_VIEWED = Action("transfers.viewed", ResourceType.TRANSFER, ("count",), repeats=True)
TRANSFER_VIEWED = Action("transfer.viewed", ResourceType.TRANSFER, repeats=True)

MATCHES_VIEWED = Action("matches.viewed", ResourceType.MATCH, ("count",), repeats=True)
MATCH_VIEWED = Action("match.viewed", ResourceType.MATCH, repeats=True)

# Imports and previews: the error is its code.
IMPORTS_VIEWED = Action("imports.viewed", ResourceType.IMPORT, ("count",), repeats=True)
IMPORT_VIEWED = Action("import.viewed", ResourceType.IMPORT, repeats=True)
IMPORT_DOWNLOADED = Action("import.downloaded", ResourceType.IMPORT)
IMPORT_ROWS_VIEWED = Action("import_rows.viewed", ResourceType.IMPORT, ("count",), repeats=True)
STATEMENT_RESUBMITTED = Action("statement.resubmitted", ResourceType.IMPORT)
STATEMENT_PREVIEWED = Action("statement.previewed", ResourceType.IMPORT, ("format", "sha256"))
PREVIEW_REFUSED = Action(
    "preview.refused", ResourceType.IMPORT, ("error",), result=AuditResult.FAILURE
)
PREVIEW_VIEWED = Action("preview.viewed", ResourceType.IMPORT, repeats=True)
PREVIEW_DELETED = Action("preview.deleted", ResourceType.IMPORT)

QUESTIONS_VIEWED = Action("questions.viewed", ResourceType.IMPORT, repeats=True)

CATEGORIES_VIEWED = Action("categories.viewed", ResourceType.CATEGORY, ("count",), repeats=True)
CATEGORY_VIEWED = Action("category.viewed", ResourceType.CATEGORY, repeats=True)
CATEGORY_ADDED = Action("category.added", ResourceType.CATEGORY)
# The number of transactions that have another category since, or show another name of it.
CATEGORY_CHANGED = Action("category.changed", ResourceType.CATEGORY, ("transactions",))
CATEGORY_DELETED = Action("category.deleted", ResourceType.CATEGORY, ("into_id", "transactions"))

RULES_VIEWED = Action("rules.viewed", ResourceType.RULE, ("count",), repeats=True)
RULE_VIEWED = Action("rule.viewed", ResourceType.RULE, repeats=True)
RULE_ADDED = Action("rule.added", ResourceType.RULE)
RULE_CHANGED = Action("rule.changed", ResourceType.RULE, ("fields",))
RULE_DELETED = Action("rule.deleted", ResourceType.RULE)
# How many rules were tried or applied, and how many transactions they change.
RULES_PREVIEWED = Action("rules.previewed", ResourceType.RULE, ("rules", "transactions"))
RULES_APPLIED = Action("rules.applied", ResourceType.RULE_APPLICATION, ("rules", "transactions"))
RULE_APPLICATIONS_VIEWED = Action(
    "rule_applications.viewed", ResourceType.RULE_APPLICATION, ("count",), repeats=True
)
RULE_APPLICATION_VIEWED = Action(
    "rule_application.viewed", ResourceType.RULE_APPLICATION, repeats=True
)
RULE_EFFECTS_VIEWED = Action(
    "rule_effects.viewed", ResourceType.RULE_APPLICATION, ("count",), repeats=True
)
RULE_APPLICATION_UNDONE = Action(
    "rule_application.undone", ResourceType.RULE_APPLICATION, ("restored", "changed_since")
)

CSV_PROFILES_VIEWED = Action(
    "csv_profiles.viewed", ResourceType.CSV_PROFILE, ("count",), repeats=True
)
CSV_PROFILE_VIEWED = Action("csv_profile.viewed", ResourceType.CSV_PROFILE, repeats=True)
CSV_PROFILE_DETECTED = Action("csv_profile.detected", ResourceType.CSV_PROFILE, ("open",))

# Exchange rates: neither rates nor currencies are recorded.
EXCHANGE_RATES_VIEWED = Action(
    "exchange_rates.viewed", ResourceType.EXCHANGE_RATE, ("count",), repeats=True
)
EXCHANGE_RATES_IMPORTED = Action(
    "exchange_rates.imported", ResourceType.EXCHANGE_RATE, ("count", "sha256")
)
EXCHANGE_RATE_TYPED = Action("exchange_rate.typed", ResourceType.EXCHANGE_RATE)
EXCHANGE_RATE_DELETED = Action("exchange_rate.deleted", ResourceType.EXCHANGE_RATE)
