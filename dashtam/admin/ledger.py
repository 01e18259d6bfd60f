"""Accounts, imports, transactions and balances. Account numbers show their end alone."""

from django.contrib import admin

from adapters.persistence.ledger.models import (
    AccountAliasModel,
    AccountModel,
    BalanceModel,
    FileModel,
    ImportModel,
    SightingModel,
    StageModel,
    TransactionModel,
    TransactionVersionModel,
)
from dashtam.admin.read_only import ReadOnlyAdmin
from domain.ledger.values import masked
from domain.shared.money import Money


@admin.register(AccountModel)
class AccountModelAdmin(ReadOnlyAdmin):
    """Accounts."""

    list_display = ("id", "user_id", "kind", "institution", "masked_number", "currency")
    list_filter = ("kind", "currency")
    search_fields = ("=id", "=user__id")
    fields = (
        *("id", "user", "connection", "kind", "institution", "masked_number", "currency"),
        *("added_at", "created_at", "updated_at"),
    )

    @admin.display(description="number")
    def masked_number(self, row: AccountModel) -> str:
        return masked(row.number)


@admin.register(AccountAliasModel)
class AccountAliasModelAdmin(ReadOnlyAdmin):
    """Names that institutions have for accounts."""

    list_display = ("id", "account_id", "institution", "masked_number", "currency")
    search_fields = ("=id", "=account__id")
    fields = ("id", "user", "account", "institution", "masked_number", "currency", "created_at")

    @admin.display(description="number")
    def masked_number(self, row: AccountAliasModel) -> str:
        return masked(row.number)


@admin.register(ImportModel)
class ImportModelAdmin(ReadOnlyAdmin):
    """Files that were brought in."""

    list_display = ("id", "user_id", "format", "size", "imported_at")
    list_filter = ("format",)
    search_fields = ("=id", "=user__id")
    fields = (
        *("id", "user", "file_name", "sha256", "size", "format", "imported_at", "undone_at"),
        *("statements", "quarantined", "created_at"),
    )

    @admin.display(description="SHA-256")
    def sha256(self, row: ImportModel) -> str:
        return bytes(row.digest).hex()


@admin.register(TransactionModel)
class TransactionModelAdmin(ReadOnlyAdmin):
    """Movements."""

    list_display = ("booking_date", "money", "kind", "status", "account_id", "id")
    list_display_links = ("id",)
    list_filter = ("status", "kind", "currency")
    search_fields = ("=id", "=account__id", "=user__id")
    ordering = ("-id",)
    exclude = ("fingerprint",)

    @admin.display(description="amount", ordering="amount")
    def money(self, row: TransactionModel) -> str:
        return str(Money(row.amount, row.currency))


@admin.register(TransactionVersionModel)
class TransactionVersionModelAdmin(ReadOnlyAdmin):
    """What transactions were before they were changed."""

    list_display = ("superseded_at", "transaction_id", "version", "status", "removal")
    list_display_links = ("transaction_id",)
    search_fields = ("=transaction__id", "=account__id", "=user__id")
    exclude = ("fingerprint",)


@admin.register(StageModel)
class StageModelAdmin(ReadOnlyAdmin):
    """Stages that transactions are not at."""

    list_display = ("transaction_id", "booking_date", "status", "account_id")
    search_fields = ("=transaction__id", "=account__id", "=user__id")
    exclude = ("fingerprint",)


@admin.register(SightingModel)
class SightingModelAdmin(ReadOnlyAdmin):
    """Rows of imports, and which transactions they are."""

    list_display = ("source_id", "line", "verdict", "transaction_id", "undone")
    list_display_links = ("line",)
    list_filter = ("verdict", "undone")
    search_fields = ("=source__id", "=transaction__id", "=user__id")
    exclude = ("fingerprint",)


@admin.register(FileModel)
class FileModelAdmin(ReadOnlyAdmin):
    """Files as they came; what is in them is sealed."""

    list_display = ("id", "user_id", "sha256", "key_id", "created_at")
    search_fields = ("=id", "=user__id")
    fields = ("id", "user", "sha256", "key_id", "created_at")

    @admin.display(description="SHA-256")
    def sha256(self, row: FileModel) -> str:
        return bytes(row.digest).hex()


@admin.register(BalanceModel)
class BalanceModelAdmin(ReadOnlyAdmin):
    """What accounts held."""

    list_display = ("day", "money", "kind", "account_id", "id")
    list_display_links = ("id",)
    list_filter = ("kind", "currency")
    search_fields = ("=id", "=account__id", "=user__id")

    @admin.display(description="amount", ordering="amount")
    def money(self, row: BalanceModel) -> str:
        return str(Money(row.amount, row.currency))
