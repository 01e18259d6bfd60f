"""What accounts held."""

from django.db import models

from adapters.persistence.base import OwnedForeignKey
from adapters.persistence.ledger.models.accounts import AccountModel
from adapters.persistence.ledger.models.imports import ImportModel
from adapters.persistence.ledger.models.owned import FeedPosition, OwnedModel


class BalanceModel(OwnedModel):
    """What an account held on a day."""

    account = OwnedForeignKey(AccountModel, related_name="balances")
    source = OwnedForeignKey(ImportModel, db_column="import_id")
    kind = models.CharField(max_length=16)
    day = models.DateField()
    amount = models.DecimalField(max_digits=28, decimal_places=10)
    currency = models.CharField(max_length=3)
    feed_position = models.BigIntegerField(db_default=FeedPosition())

    class Meta:
        db_table = "ledger_balance"
        verbose_name = "balance"
        indexes = [
            models.Index(fields=["user", "source"], name="ledger_balance_import"),
            models.Index(fields=["user", "feed_position", "id"], name="ledger_balance_feed"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "account", "kind", "day", "currency", "amount", "source"],
                name="ledger_balance_unique",
            ),
        ]
