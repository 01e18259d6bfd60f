"""Files, imports of them, and what became of their rows."""

from django.contrib import admin

from adapters.persistence.ledger.models import (
    CsvProfileModel,
    FileModel,
    ImportModel,
    PreviewModel,
    ProgressModel,
    SightingModel,
    StatementModel,
)
from dashtam.admin.masking import code_alone
from dashtam.admin.read_only import ReadOnlyAdmin


@admin.register(ImportModel)
class ImportModelAdmin(ReadOnlyAdmin):
    """Imports. File names are hidden: banks put account numbers into them."""

    list_display = ("id", "user_id", "format", "size", "status", "imported_at")
    list_filter = ("format", "status")
    search_fields = ("=id", "=user__id")
    codes = ("format", "status", "edition")
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
    """Files as they came; what is in them is sealed."""

    list_display = ("id", "user_id", "sha256", "key_id", "created_at")
    search_fields = ("=id", "=user__id")
    codes = ("key_id",)
    masked = ("sha256",)

    @admin.display(description="SHA-256")
    def sha256(self, row: FileModel) -> str:
        return bytes(row.digest).hex()


@admin.register(PreviewModel)
class PreviewModelAdmin(ReadOnlyAdmin):
    """Previews of large files; the files, and what would become of them, are sealed."""

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


@admin.register(SightingModel)
class SightingModelAdmin(ReadOnlyAdmin):
    """Rows of imports, and which transactions they are."""

    list_display = ("source_id", "line", "verdict", "transaction_id", "undone")
    list_display_links = ("line",)
    list_filter = ("verdict", "undone")
    search_fields = ("=source__id", "=transaction__id", "=user__id")
    codes = ("verdict",)


@admin.register(StatementModel)
class StatementModelAdmin(ReadOnlyAdmin):
    """Statements of imports: what they cover, and whether they add up."""

    list_display = ("source_id", "place", "account_id", "first_day", "last_day", "proof")
    list_display_links = ("place",)
    list_filter = ("proof", "currency")
    search_fields = ("=id", "=source__id", "=account__id", "=user__id")
    codes = ("proof", "currency")


@admin.register(ProgressModel)
class ProgressModelAdmin(ReadOnlyAdmin):
    """Imports and previews that are under way."""

    list_display = ("source_id", "user_id", "rows", "entered")
    search_fields = ("=source__id", "=user__id")


@admin.register(CsvProfileModel)
class CsvProfileModelAdmin(ReadOnlyAdmin):
    """How banks write their CSV files; whose names and headers are its owner's."""

    list_display = ("id", "user_id", "created_at")
    search_fields = ("=id", "=user__id")
