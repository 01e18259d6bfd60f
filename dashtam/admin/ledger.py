"""Accounts, transactions, balances and holdings: that they exist, and how they are related.

Staff see no amounts and no texts of banks or users, and only the end of account numbers.
"""

from django.contrib import admin

from adapters.persistence.ledger.models import (
    AccountAliasModel,
    AccountMergeModel,
    AccountModel,
    AccountVersionModel,
    BalanceModel,
    CategoryModel,
    CategoryVersionModel,
    ExchangeRatesModel,
    HoldingModel,
    ImportedCategoryModel,
    MatchModel,
    PriorStateModel,
    RuleApplicationModel,
    RuleEffectModel,
    RuleModel,
    SecurityModel,
    TransactionModel,
    TransactionVersionModel,
    TransferModel,
)
from dashtam.admin.read_only import ReadOnlyAdmin
from domain.ledger.values import masked

_STATED = ("currency", "kind", "status", "original_currency")


@admin.register(AccountModel)
class AccountModelAdmin(ReadOnlyAdmin):
    """Accounts."""

    list_display = ("id", "user_id", "kind", "masked_number", "currency")
    list_filter = ("kind", "currency")
    search_fields = ("=id", "=user__id")
    codes = ("kind", "currency", "removal")
    masked = ("masked_number",)

    @admin.display(description="number")
    def masked_number(self, row: AccountModel) -> str:
        return masked(row.number)


@admin.register(AccountVersionModel)
class AccountVersionModelAdmin(ReadOnlyAdmin):
    """Former versions of accounts."""

    list_display = ("account_id", "version", "recorded_at", "superseded_at")
    search_fields = ("=account__id", "=user__id")
    codes = ("kind", "currency", "removal")


@admin.register(AccountAliasModel)
class AccountAliasModelAdmin(ReadOnlyAdmin):
    """Account numbers that institutions use."""

    list_display = ("id", "account_id", "masked_number", "currency")
    search_fields = ("=id", "=account__id")
    codes = ("currency",)
    masked = ("masked_number",)

    @admin.display(description="number")
    def masked_number(self, row: AccountAliasModel) -> str:
        return masked(row.number)


@admin.register(AccountMergeModel)
class AccountMergeModelAdmin(ReadOnlyAdmin):
    """Merges of accounts."""

    list_display = ("merged_at", "account_id", "merged_id", "undone_at", "id")
    list_display_links = ("id",)
    search_fields = ("=id", "=account__id", "=merged__id", "=user__id")


@admin.register(CategoryModel)
class CategoryModelAdmin(ReadOnlyAdmin):
    """Categories. Their names belong to their owners."""

    list_display = ("id", "user_id", "parent_id", "removed")
    search_fields = ("=id", "=user__id")


@admin.register(CategoryVersionModel)
class CategoryVersionModelAdmin(ReadOnlyAdmin):
    """Versions of categories."""

    list_display = ("category_id", "user_id", "version", "recorded_at")
    search_fields = ("=category__id", "=user__id")


@admin.register(ImportedCategoryModel)
class ImportedCategoryModelAdmin(ReadOnlyAdmin):
    """Which imports state categories of transactions."""

    list_display = ("id", "source_id", "transaction_id", "category_id")
    search_fields = ("=source__id", "=transaction__id")


@admin.register(RuleModel)
class RuleModelAdmin(ReadOnlyAdmin):
    """Rules. What they look for and set belongs to their owners."""

    list_display = ("id", "user_id", "position", "enabled", "version")
    list_filter = ("enabled",)
    search_fields = ("=id", "=user__id")


@admin.register(RuleApplicationModel)
class RuleApplicationModelAdmin(ReadOnlyAdmin):
    """Applications of rules."""

    list_display = ("id", "user_id", "source_id", "applied_at", "transactions", "undone_at")
    search_fields = ("=id", "=source__id", "=user__id")


@admin.register(RuleEffectModel)
class RuleEffectModelAdmin(ReadOnlyAdmin):
    """Which applications of rules changed which transactions."""

    list_display = ("id", "application_id", "transaction_id", "category_id")
    search_fields = ("=application__id", "=transaction__id", "=user__id")


@admin.register(ExchangeRatesModel)
class ExchangeRatesModelAdmin(ReadOnlyAdmin):
    """Exchange rates. Those that their owners typed are theirs."""

    list_display = ("day", "base", "source", "user_id", "id")
    list_display_links = ("id",)
    search_fields = ("=id", "=user__id")
    codes = ("base", "source")


@admin.register(TransactionModel)
class TransactionModelAdmin(ReadOnlyAdmin):
    """Transactions."""

    list_display = ("booking_date", "kind", "status", "currency", "account_id", "id")
    list_display_links = ("id",)
    list_filter = ("status", "kind", "currency")
    search_fields = ("=id", "=account__id", "=user__id")
    ordering = ("-id",)
    codes = (*_STATED, "removal")


@admin.register(TransactionVersionModel)
class TransactionVersionModelAdmin(ReadOnlyAdmin):
    """Former versions of transactions."""

    list_display = ("superseded_at", "transaction_id", "version", "status", "removal")
    list_display_links = ("transaction_id",)
    search_fields = ("=transaction__id", "=account__id", "=user__id")
    codes = (*_STATED, "removal")


@admin.register(PriorStateModel)
class PriorStateModelAdmin(ReadOnlyAdmin):
    """Other states in which imports have shown transactions."""

    list_display = ("transaction_id", "booking_date", "status", "account_id")
    search_fields = ("=transaction__id", "=account__id", "=user__id")
    codes = _STATED


@admin.register(BalanceModel)
class BalanceModelAdmin(ReadOnlyAdmin):
    """Balances."""

    list_display = ("day", "kind", "currency", "account_id", "id")
    list_display_links = ("id",)
    list_filter = ("kind", "currency")
    search_fields = ("=id", "=account__id", "=user__id")
    codes = ("kind", "currency")


@admin.register(TransferModel)
class TransferModelAdmin(ReadOnlyAdmin):
    """Pairs of transactions that a user confirmed or refused as a transfer."""

    list_display = ("id", "outgoing_id", "incoming_id", "decision", "decided_at")
    list_filter = ("decision",)
    search_fields = ("=id", "=outgoing__id", "=incoming__id", "=user__id")
    codes = ("decision",)


@admin.register(MatchModel)
class MatchModelAdmin(ReadOnlyAdmin):
    """Pairs of transactions that may be the same, and what a user has decided."""

    list_display = ("id", "added_id", "existing_id", "status", "decided_at")
    list_filter = ("status",)
    search_fields = ("=id", "=added__id", "=existing__id", "=user__id")
    codes = ("status",)


@admin.register(SecurityModel)
class SecurityModelAdmin(ReadOnlyAdmin):
    """Securities. What they are is hidden: it says what a user owns."""

    list_display = ("id", "user_id", "created_at")
    search_fields = ("=id", "=user__id")


@admin.register(HoldingModel)
class HoldingModelAdmin(ReadOnlyAdmin):
    """Holdings."""

    list_display = ("day", "security_id", "currency", "account_id", "id")
    list_display_links = ("id",)
    list_filter = ("currency",)
    search_fields = ("=id", "=account__id", "=security__id", "=user__id")
    codes = ("currency",)
