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
    RuleApplicationModel,
    RuleEffectModel,
    RuleModel,
    SecurityModel,
    StatementModel,
    TransferModel,
)
from adapters.persistence.ledger.rules import document_of as conditions_document
from domain.ledger.entities import Transaction
from domain.ledger.rules import Comparison, TextCondition, TextField
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
    _add_rules(transaction, category)
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


def _add_rules(transaction: Transaction, category: CategoryModel) -> None:
    whose = {"user_id": transaction.user_id}
    sets = {"category_id": category.id, "tags": ["a"], "payee_name": "Northmart"}
    condition = TextCondition(
        where=TextField.TEXT, comparison=Comparison.CONTAINS, value="Northmart"
    )
    rule = RuleModel.objects.create(
        **whose,
        **sets,
        name="Food",
        position=1,
        conditions=conditions_document([condition]),
        enabled=True,
        version=1,
    )
    application = RuleApplicationModel.objects.create(
        **whose, source_id=transaction.import_id, applied_at=NOON, transactions=1
    )
    RuleEffectModel.objects.create(
        **whose,
        **sets,
        application_id=application.id,
        transaction_id=transaction.id,
        rule_ids=[rule.id],
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
