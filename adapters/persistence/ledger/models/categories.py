"""Categories of users, and their versions."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from adapters.persistence.base import OwnedForeignKey
from adapters.persistence.ledger.models.imports import (
    TAGS,
    FeedPosition,
    ImportModel,
    Moment,
    OwnedModel,
    PartModel,
)


class CategoryModel(OwnedModel):
    """A category as it is now. It is never deleted: transactions had it."""

    parent = OwnedForeignKey("self", null=True)
    name = models.CharField(max_length=100)
    key = models.TextField()
    removed = models.BooleanField(db_default=False)
    version = models.PositiveIntegerField(db_default=1)

    class Meta:
        db_table = "ledger_category"
        verbose_name = "category"
        verbose_name_plural = "categories"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "parent", "key"],
                condition=models.Q(removed=False),
                nulls_distinct=False,
                name="ledger_category_key",
            ),
        ]


class CategoryVersionModel(PartModel):
    """One version of a category, the present one included, for the change feed."""

    category = OwnedForeignKey(CategoryModel, related_name="versions")
    parent = OwnedForeignKey(CategoryModel, null=True)
    name = models.CharField(max_length=100)
    removed = models.BooleanField()
    version = models.PositiveIntegerField()
    recorded_at = models.DateTimeField(db_default=Moment())
    feed_position = models.BigIntegerField(db_default=FeedPosition())

    class Meta:
        db_table = "ledger_category_version"
        verbose_name = "category version"
        indexes = [
            models.Index(fields=["user", "feed_position", "category"], name="ledger_category_feed"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "category", "version"], name="ledger_category_version_number"
            ),
        ]


class ImportedCategoryModel(PartModel):
    """What an import states that a transaction is for: a category or splits, and tags.

    The category is null if it was deleted since.
    """

    source = OwnedForeignKey(ImportModel, db_column="import_id")
    transaction = OwnedForeignKey("ledger.TransactionModel")
    category = OwnedForeignKey(CategoryModel, null=True)
    splits = models.JSONField(db_default=models.Value([], models.JSONField()))
    tags = ArrayField(models.CharField(max_length=40), db_default=models.Value([], TAGS))

    class Meta:
        db_table = "ledger_imported_category"
        verbose_name = "imported category"
        verbose_name_plural = "imported categories"
        indexes = [
            models.Index(fields=["user", "source"], name="ledger_imported_category_from"),
            models.Index(fields=["user", "transaction"], name="ledger_imported_category_of"),
            models.Index(fields=["user", "category"], name="ledger_imported_category_is"),
        ]
