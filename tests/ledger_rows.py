"""A row of every table of the ledger that statements alone do not fill."""

from asgiref.sync import sync_to_async

from adapters.persistence.ledger.csv_profiles import document_of
from adapters.persistence.ledger.models import (
    CategoryModel,
    CategoryVersionModel,
    CsvProfileModel,
    ExchangeRatesModel,
    HoldingModel,
    ImportedCategoryModel,
    MatchModel,
    ProgressModel,
    SecurityModel,
    StatementModel,
    TransferModel,
)
from domain.ledger.entities import Transaction
from tests.csv_profiles import CARD
from tests.factories import NOON


@sync_to_async
def fill_ledger(transaction: Transaction) -> None:
    """Insert them for a transaction."""
    whose = {"user_id": transaction.user_id}
    ExchangeRatesModel.objects.create(
        **whose, day=NOON.date(), base="EUR", source="ecb", rates={"USD": "1.08"}
    )
    CsvProfileModel.objects.create(**whose, name="Northbank", profile=document_of(CARD))
    category = CategoryModel.objects.create(**whose, name="Food", key="food")
    CategoryVersionModel.objects.create(
        **whose, category=category, name="Food", removed=False, version=1
    )
    ImportedCategoryModel.objects.create(
        **whose,
        source_id=transaction.import_id,
        transaction_id=transaction.id,
        category_id=category.id,
    )
    _add_holding(transaction)
    ProgressModel.objects.create(**whose, source_id=transaction.import_id, rows=2, entered=1)
    MatchModel.objects.create(
        **whose, added_id=transaction.id, existing_id=transaction.id, status="suggested"
    )
    TransferModel.objects.create(
        **whose,
        outgoing_id=transaction.id,
        incoming_id=transaction.id,
        decision="refused",
        decided_at=NOON,
        outgoing_amount=-5,
        incoming_amount=5,
    )


def _add_holding(transaction: Transaction) -> None:
    whose = {"user_id": transaction.user_id}
    HoldingModel.objects.create(
        **whose,
        account_id=transaction.account_id,
        source_id=transaction.import_id,
        statement=StatementModel.objects.get(source_id=transaction.import_id),
        security=SecurityModel.objects.create(**whose, scheme="ISIN", number="US0000000001"),
        day=NOON.date(),
        quantity=3,
        currency="EUR",
        line=1,
    )
