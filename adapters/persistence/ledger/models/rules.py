"""Rules of users, and what was set when they were applied."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from adapters.persistence.base import OwnedForeignKey
from adapters.persistence.ledger.models.imports import ImportModel, OwnedModel, PartModel


class RuleModel(OwnedModel):
    """A rule. `category` is null if it sets none, or one that was deleted."""

    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField()
    conditions = models.JSONField()
    category = OwnedForeignKey("ledger.CategoryModel", null=True)
    tags = ArrayField(models.CharField(max_length=40))
    payee_name = models.CharField(max_length=255, blank=True)
    enabled = models.BooleanField()
    version = models.PositiveIntegerField()

    class Meta:
        db_table = "ledger_rule"
        verbose_name = "rule"


class RuleApplicationModel(OwnedModel):
    """Rules applied to the past, or to what an import has added."""

    source = OwnedForeignKey(ImportModel, db_column="import_id", null=True)
    applied_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    transactions = models.PositiveIntegerField()

    class Meta:
        db_table = "ledger_rule_application"
        verbose_name = "application of rules"
        verbose_name_plural = "applications of rules"
        indexes = [
            models.Index(fields=["user", "source"], name="ledger_rule_application_of"),
        ]


class RuleEffectModel(PartModel):
    """What an application has set of a transaction. Null and what is empty were not set."""

    application = OwnedForeignKey(RuleApplicationModel, related_name="effects")
    transaction = OwnedForeignKey("ledger.TransactionModel")
    rule_ids = ArrayField(models.UUIDField())
    category = OwnedForeignKey("ledger.CategoryModel", null=True)
    payee_name = models.CharField(max_length=255, blank=True)
    tags = ArrayField(models.CharField(max_length=40))

    class Meta:
        db_table = "ledger_rule_effect"
        verbose_name = "effect of rules"
        verbose_name_plural = "effects of rules"
        indexes = [
            models.Index(fields=["user", "transaction"], name="ledger_rule_effect_on"),
            models.Index(fields=["user", "category"], name="ledger_rule_effect_category"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "application", "transaction"], name="ledger_rule_effect_key"
            ),
        ]
