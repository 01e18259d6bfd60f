"""What every table of the ledger has. Rows point only at rows of the same user."""

from django.db import models

from adapters.persistence.base import BusinessModel
from adapters.persistence.identity.models import UserModel


class OwnedModel(BusinessModel):
    """A row that belongs to a user."""

    user = models.ForeignKey(UserModel, on_delete=models.CASCADE, db_index=False, related_name="+")

    class Meta:
        abstract = True


class PartModel(BusinessModel):
    """A row of something that is a user's: that it is the same user, its references see to."""

    user = models.ForeignKey(
        UserModel, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        abstract = True


class Moment(models.Func):
    """When the transaction that writes began to write: one time for all that it writes."""

    function = "ledger_moment"
    output_field = models.DateTimeField()


class FeedPosition(models.Func):
    """The number of the transaction that writes; greater than all that ended before it began."""

    function = "guard.transaction_number"
    output_field = models.BigIntegerField()
