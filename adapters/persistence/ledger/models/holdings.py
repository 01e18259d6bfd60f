"""Securities, and how much of them accounts held."""

from django.db import models

from adapters.persistence.base import OwnedForeignKey
from adapters.persistence.ledger.models.accounts import AccountModel
from adapters.persistence.ledger.models.imports import ImportModel, StatementModel
from adapters.persistence.ledger.models.owned import (
    FeedPosition,
    OwnedModel,
    PartModel,
)


class SecurityModel(OwnedModel):
    """A security as a user's statements name it: ISIN, CUSIP or a scheme of the broker's."""

    scheme = models.CharField(max_length=255, blank=True)
    number = models.CharField(max_length=255)
    name = models.CharField(max_length=255, blank=True)
    ticker = models.CharField(max_length=255, blank=True)

    class Meta:
        db_table = "ledger_security"
        verbose_name = "security"
        verbose_name_plural = "securities"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "scheme", "number"], name="ledger_security_number"
            ),
        ]


class HoldingModel(PartModel):
    """A position as a statement gives it; price, value and cost basis are in `currency`."""

    account = OwnedForeignKey(AccountModel)
    source = OwnedForeignKey(ImportModel, db_column="import_id")
    statement = OwnedForeignKey(StatementModel, related_name="holdings")
    security = OwnedForeignKey(SecurityModel)
    day = models.DateField()
    quantity = models.DecimalField(max_digits=28, decimal_places=10)
    currency = models.CharField(max_length=3)
    price = models.DecimalField(max_digits=28, decimal_places=10, null=True)
    value = models.DecimalField(max_digits=28, decimal_places=10, null=True)
    cost_basis = models.DecimalField(max_digits=28, decimal_places=10, null=True)
    line = models.PositiveIntegerField()
    feed_position = models.BigIntegerField(db_default=FeedPosition())

    class Meta:
        db_table = "ledger_holding"
        verbose_name = "holding"
        indexes = [
            models.Index(fields=["user", "source"], name="ledger_holding_import"),
            models.Index(fields=["user", "statement"], name="ledger_holding_statement"),
            models.Index(fields=["user", "account", "-day"], name="ledger_holding_newest"),
            models.Index(fields=["user", "feed_position", "id"], name="ledger_holding_feed"),
        ]
