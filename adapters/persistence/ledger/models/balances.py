"""What accounts held."""

from django.db import models

from adapters.persistence.ledger.models.accounts import AccountModel
from adapters.persistence.ledger.models.imports import ImportModel
from adapters.persistence.ledger.models.owned import FeedPosition, OwnedModel, reference


class BalanceModel(OwnedModel):
    """What an account held on a day."""

    account = reference(AccountModel, db_index=False, related_name="balances")
    source = reference(ImportModel, db_column="import_id")
    kind = models.CharField(max_length=16)
    day = models.DateField()
    amount = models.DecimalField(max_digits=28, decimal_places=10)
    currency = models.CharField(max_length=3)
    feed_position = models.BigIntegerField(db_default=FeedPosition())

    class Meta:
        db_table = "ledger_balance"
        verbose_name = "balance"
        indexes = [models.Index(fields=["user", "feed_position", "id"], name="ledger_balance_feed")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "day", "currency", "amount", "source"],
                name="ledger_balance_unique",
            ),
        ]
