"""Files, imports, and what became of their rows."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from adapters.persistence.ledger.models import (
    CsvProfileModel,
    FileModel,
    ImportedRowsModel,
    ImportModel,
    PreviewModel,
    ProgressModel,
    StatementModel,
    TransactionModel,
)
from dashtam.admin.masking import code_alone
from dashtam.admin.read_only import ReadOnlyAdmin


@admin.register(ImportModel)
class ImportModelAdmin(ReadOnlyAdmin):
    """Imports. File names are hidden: banks put account numbers into them."""

    list_display = ("id", "user_id", "format", "size", "status", "imported_at")
    list_filter = ("format", "status")
    search_fields = ("=id", "=user__id")
    codes = ("format", "status", "reader_version")
    masked = ("sha256", "failure", "left_out")

    @admin.display(description="SHA-256")
    def sha256(self, row: ImportModel) -> str:
        return bytes(row.digest).hex()

    @admin.display(description="error")
    def failure(self, row: ImportModel) -> str:
        return code_alone(row.error)

    @admin.display(description="quarantined rows")
    def left_out(self, row: ImportModel) -> int:
        return len(row.quarantined)


@admin.register(FileModel)
class FileModelAdmin(ReadOnlyAdmin):
    """Imported files, whose content is encrypted."""

    list_display = ("id", "user_id", "sha256", "key_id", "created_at")
    search_fields = ("=id", "=user__id")
    codes = ("key_id",)
    masked = ("sha256",)

    @admin.display(description="SHA-256")
    def sha256(self, row: FileModel) -> str:
        return bytes(row.digest).hex()


@admin.register(PreviewModel)
class PreviewModelAdmin(ReadOnlyAdmin):
    """Queued previews. Files and previews are encrypted."""

    list_display = ("id", "user_id", "size", "status", "requested_at")
    list_filter = ("status",)
    search_fields = ("=id", "=user__id")
    codes = ("status", "key_id")
    masked = ("sha256", "failure")

    @admin.display(description="SHA-256")
    def sha256(self, row: PreviewModel) -> str:
        return bytes(row.digest).hex()

    @admin.display(description="error")
    def failure(self, row: PreviewModel) -> str:
        return code_alone(row.error)


@admin.register(ImportedRowsModel)
class ImportedRowsModelAdmin(ReadOnlyAdmin):
    """Rows of imports and their transactions."""

    list_display = ("source_id", "place", "first_line", "last_line", "undone")
    list_display_links = ("first_line",)
    list_filter = ("undone",)
    search_fields = ("=source__id", "=account__id", "=user__id")
    codes = ("results",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ImportedRowsModel], search_term: str
    ) -> tuple[QuerySet[ImportedRowsModel], bool]:
        """Find the rows of a transaction too."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        transaction = _transaction(search_term)
        if transaction is None:
            return found, duplicates
        its = {"user_id": transaction.user_id, "account_id": transaction.account_id}
        stating = queryset.filter(**its, transaction_ids__contains=[transaction.id])
        return found | stating, duplicates


def _transaction(term: str) -> TransactionModel | None:
    try:
        return TransactionModel.objects.filter(id=term.strip()).only("user", "account").first()
    except ValidationError:
        return None


@admin.register(StatementModel)
class StatementModelAdmin(ReadOnlyAdmin):
    """Statements of imports: their periods, and whether they reconcile."""

    list_display = (
        *("source_id", "place", "account_id", "first_day", "last_day"),
        *("reconciliation", "ledger_reconciliation"),
    )
    list_display_links = ("place",)
    list_filter = ("reconciliation", "ledger_reconciliation", "currency")
    search_fields = ("=id", "=source__id", "=account__id", "=user__id")
    codes = ("reconciliation", "ledger_reconciliation", "currency")


@admin.register(ProgressModel)
class ProgressModelAdmin(ReadOnlyAdmin):
    """Progress of running imports and previews."""

    list_display = ("source_id", "user_id", "rows", "entered")
    search_fields = ("=source__id", "=user__id")


@admin.register(CsvProfileModel)
class CsvProfileModelAdmin(ReadOnlyAdmin):
    """CSV profiles. Their names and headers belong to their owners."""

    list_display = ("id", "user_id", "created_at")
    search_fields = ("=id", "=user__id")
