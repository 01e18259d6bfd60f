"""Accounts, transactions, balances and holdings: that they are there, and how they hang together.

Amounts, and what banks and people wrote, are nobody's to see; account numbers show their end.
"""

from django.contrib import admin

from adapters.persistence.ledger.models import (
    AccountAliasModel,
    AccountModel,
    BalanceModel,
    HoldingModel,
    PriorStateModel,
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
    codes = ("kind", "currency")
    masked = ("masked_number",)

    @admin.display(description="number")
    def masked_number(self, row: AccountModel) -> str:
        return masked(row.number)


@admin.register(AccountAliasModel)
class AccountAliasModelAdmin(ReadOnlyAdmin):
    """Names that institutions have for accounts."""

    list_display = ("id", "account_id", "masked_number", "currency")
    search_fields = ("=id", "=account__id")
    codes = ("currency",)
    masked = ("masked_number",)

    @admin.display(description="number")
    def masked_number(self, row: AccountAliasModel) -> str:
        return masked(row.number)


@admin.register(TransactionModel)
class TransactionModelAdmin(ReadOnlyAdmin):
    """Movements."""

    list_display = ("booking_date", "kind", "status", "currency", "account_id", "id")
    list_display_links = ("id",)
    list_filter = ("status", "kind", "currency")
    search_fields = ("=id", "=account__id", "=user__id")
    ordering = ("-id",)
    codes = (*_STATED, "removal")


@admin.register(TransactionVersionModel)
class TransactionVersionModelAdmin(ReadOnlyAdmin):
    """What transactions were before they were changed."""

    list_display = ("superseded_at", "transaction_id", "version", "status", "removal")
    list_display_links = ("transaction_id",)
    search_fields = ("=transaction__id", "=account__id", "=user__id")
    codes = (*_STATED, "removal")


@admin.register(PriorStateModel)
class PriorStateModelAdmin(ReadOnlyAdmin):
    """Stages that transactions are not at."""

    list_display = ("transaction_id", "booking_date", "status", "account_id")
    search_fields = ("=transaction__id", "=account__id", "=user__id")
    codes = _STATED


@admin.register(BalanceModel)
class BalanceModelAdmin(ReadOnlyAdmin):
    """What accounts held."""

    list_display = ("day", "kind", "currency", "account_id", "id")
    list_display_links = ("id",)
    list_filter = ("kind", "currency")
    search_fields = ("=id", "=account__id", "=user__id")
    codes = ("kind", "currency")


@admin.register(TransferModel)
class TransferModelAdmin(ReadOnlyAdmin):
    """Transactions that are one movement between a user's accounts, or are said not to be."""

    list_display = ("id", "outgoing_id", "incoming_id", "decision", "decided_at")
    list_filter = ("decision",)
    search_fields = ("=id", "=outgoing__id", "=incoming__id", "=user__id")
    codes = ("decision",)


@admin.register(SecurityModel)
class SecurityModelAdmin(ReadOnlyAdmin):
    """Securities as statements name them: what they are is what somebody owns."""

    list_display = ("id", "user_id", "created_at")
    search_fields = ("=id", "=user__id")


@admin.register(HoldingModel)
class HoldingModelAdmin(ReadOnlyAdmin):
    """Positions as statements give them."""

    list_display = ("day", "security_id", "currency", "account_id", "id")
    list_display_links = ("id",)
    list_filter = ("currency",)
    search_fields = ("=id", "=account__id", "=security__id", "=user__id")
    codes = ("currency",)
