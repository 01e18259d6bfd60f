"""Every URL, its view, and the use cases of the view. Start reading here."""

from collections.abc import Callable

from django.contrib import admin
from django.http import HttpResponseBase
from django.urls import include, path

from dashtam.admin.static import static_file
from dashtam.api.connections.callback import CallbackView
from dashtam.api.connections.connections import (
    ConnectionsView,
    ConnectionView,
    RenewalView,
    StepView,
    SyncView,
)
from dashtam.api.connections.links import LinkPreviewView, LinksView, LinkView
from dashtam.api.connections.providers import ProvidersView
from dashtam.api.health import LiveView, ReadyView
from dashtam.api.http import UnlimitedView
from dashtam.api.identity.api_tokens import ApiTokensView, ApiTokenView
from dashtam.api.identity.emails import (
    AccountRecoveriesView,
    EmailVerificationsView,
    PasswordResetsView,
)
from dashtam.api.identity.second_factors import (
    RecoveryCodesView,
    SecondFactorsView,
    SecondFactorView,
)
from dashtam.api.identity.sessions import (
    CurrentSessionView,
    OneSessionView,
    OtherSessionsView,
    SessionsView,
    TokensView,
)
from dashtam.api.identity.users import MeView, MyExportView, UsersView
from dashtam.api.ledger.account_merges import MergePreviewView, MergesView, MergeView
from dashtam.api.ledger.accounts import AccountsView, AccountView
from dashtam.api.ledger.balances import BalancesView, StatedBalancesView
from dashtam.api.ledger.categories import CategoriesView, CategoryMergeView, CategoryView
from dashtam.api.ledger.changes import ChangesView
from dashtam.api.ledger.conflicts import ConflictsView, ConflictView
from dashtam.api.ledger.csv_profiles import (
    CsvProfileDetectionView,
    CsvProfilesView,
    CsvProfileView,
)
from dashtam.api.ledger.deleted_transactions import (
    DeletedTransactionsView,
    TransactionRestorationView,
)
from dashtam.api.ledger.exchange_rates import (
    ExchangeRatesImportView,
    ExchangeRatesView,
    ExchangeRateView,
)
from dashtam.api.ledger.exports import ExportView
from dashtam.api.ledger.holdings import HoldingsView, NetWorthView
from dashtam.api.ledger.import_files import ImportFileView
from dashtam.api.ledger.import_rows import ImportRowsView
from dashtam.api.ledger.imports import (
    AnswersView,
    ImportFormatsView,
    ImportsView,
    ImportView,
    QuestionsView,
    ReimportView,
)
from dashtam.api.ledger.inbox import InboxView
from dashtam.api.ledger.matches import MatchesView, MatchView
from dashtam.api.ledger.opening_balances import OpeningBalanceView
from dashtam.api.ledger.previews import ImportPreviewView, QueuedPreviewView
from dashtam.api.ledger.rule_applications import (
    RuleApplicationsView,
    RuleApplicationUndoingView,
    RuleApplicationView,
    RuleEffectsView,
    RulesPreviewView,
)
from dashtam.api.ledger.rules import RulesView, RuleView
from dashtam.api.ledger.statements import ContinuityView, StatementsView
from dashtam.api.ledger.transactions import (
    AllTransactionsView,
    TransactionsView,
    TransactionView,
)
from dashtam.api.ledger.transfers import TransfersView, TransferView
from dashtam.api.metrics import MetricsView
from dashtam.api.security_txt import SecurityTxtView
from dashtam.api.sharing.connected_apps import (
    ConnectedAppsView,
    ConnectedAppView,
    SetupTokenView,
)
from dashtam.api.sharing.simplefin import ClaimView, CreateView, InfoView, SharedAccountsView
from dashtam.container import container


def view(kind: type[UnlimitedView]) -> Callable[..., HttpResponseBase]:
    """Bind the ports and use cases of a view by its annotated attributes."""
    return kind.as_view(**{name: container.use_cases.part(kind, name) for name in kind.needs()})


api = [
    # Identity
    path("users", view(UsersView)),
    path("users/me", view(MeView)),
    path("users/me/export", view(MyExportView)),
    path("account-recoveries", view(AccountRecoveriesView)),
    path("email-verifications", view(EmailVerificationsView)),
    path("password-resets", view(PasswordResetsView)),
    path("sessions", view(SessionsView)),
    path("sessions/current", view(CurrentSessionView)),
    path("sessions/others", view(OtherSessionsView)),
    path("sessions/<uuid:session_id>", view(OneSessionView)),
    path("tokens", view(TokensView)),
    path("api-tokens", view(ApiTokensView)),
    path("api-tokens/<uuid:api_token_id>", view(ApiTokenView)),
    path("second-factors", view(SecondFactorsView)),
    path("second-factors/recovery-codes", view(RecoveryCodesView)),
    path("second-factors/<uuid:second_factor_id>", view(SecondFactorView)),
    # Ledger
    path("imports", view(ImportsView)),
    path("imports/formats", view(ImportFormatsView)),
    path("imports/preview", view(ImportPreviewView)),
    path("imports/preview/<uuid:preview_id>", view(QueuedPreviewView)),
    path("imports/<uuid:import_id>", view(ImportView)),
    path("export", view(ExportView)),
    path("changes", view(ChangesView)),
    path("imports/<uuid:import_id>/questions", view(QuestionsView)),
    path("imports/<uuid:import_id>/answers", view(AnswersView)),
    path("imports/<uuid:import_id>/file", view(ImportFileView)),
    path("imports/<uuid:import_id>/rows", view(ImportRowsView)),
    path("imports/<uuid:import_id>/reimport", view(ReimportView)),
    path("csv-profiles", view(CsvProfilesView)),
    path("csv-profiles/detect", view(CsvProfileDetectionView)),
    path("csv-profiles/<uuid:csv_profile_id>", view(CsvProfileView)),
    path("accounts", view(AccountsView)),
    path("accounts/<uuid:account_id>", view(AccountView)),
    path("account-merges", view(MergesView)),
    path("account-merges/preview", view(MergePreviewView)),
    path("account-merges/<uuid:merge_id>", view(MergeView)),
    path("accounts/<uuid:account_id>/transactions", view(TransactionsView)),
    path("accounts/<uuid:account_id>/balances", view(BalancesView)),
    path("accounts/<uuid:account_id>/stated-balances", view(StatedBalancesView)),
    path("accounts/<uuid:account_id>/opening-balance", view(OpeningBalanceView)),
    path("accounts/<uuid:account_id>/statements", view(StatementsView)),
    path("accounts/<uuid:account_id>/continuity", view(ContinuityView)),
    path("accounts/<uuid:account_id>/holdings", view(HoldingsView)),
    path("holdings", view(HoldingsView)),
    path("net-worth", view(NetWorthView)),
    path("transactions", view(AllTransactionsView)),
    path("exchange-rates", view(ExchangeRatesView)),
    path("exchange-rates/import", view(ExchangeRatesImportView)),
    path("exchange-rates/<str:day>/<str:base>/<str:quote>", view(ExchangeRateView)),
    path("transactions/<uuid:transaction_id>", view(TransactionView)),
    path("transactions/<uuid:transaction_id>/restore", view(TransactionRestorationView)),
    path("deleted-transactions", view(DeletedTransactionsView)),
    path("categories", view(CategoriesView)),
    path("categories/<uuid:category_id>", view(CategoryView)),
    path("categories/<uuid:category_id>/merge", view(CategoryMergeView)),
    path("rules", view(RulesView)),
    path("rules/preview", view(RulesPreviewView)),
    path("rules/applications", view(RuleApplicationsView)),
    path("rules/applications/<uuid:rule_application_id>", view(RuleApplicationView)),
    path("rules/applications/<uuid:rule_application_id>/effects", view(RuleEffectsView)),
    path("rules/applications/<uuid:rule_application_id>/undo", view(RuleApplicationUndoingView)),
    path("rules/<uuid:rule_id>", view(RuleView)),
    path("transfers", view(TransfersView)),
    path("transfers/<uuid:transfer_id>", view(TransferView)),
    path("providers", view(ProvidersView)),
    path("connections", view(ConnectionsView)),
    path("connections/<uuid:connection_id>", view(ConnectionView)),
    path("connections/<uuid:connection_id>/answer", view(StepView)),
    path("connections/<uuid:connection_id>/renew", view(RenewalView)),
    path("connections/<uuid:connection_id>/sync", view(SyncView)),
    path("connections/<uuid:connection_id>/accounts", view(LinksView)),
    path("connections/<uuid:connection_id>/accounts/<uuid:link_id>", view(LinkView)),
    path("connections/<uuid:connection_id>/accounts/<uuid:link_id>/preview", view(LinkPreviewView)),
    path("inbox", view(InboxView)),
    path("conflicts", view(ConflictsView)),
    path("conflicts/<uuid:conflict_id>", view(ConflictView)),
    path("matches", view(MatchesView)),
    path("matches/<uuid:match_id>", view(MatchView)),
    # Sharing
    path("connected-apps", view(ConnectedAppsView)),
    path("connected-apps/<uuid:connected_app_id>", view(ConnectedAppView)),
    path("connected-apps/<uuid:connected_app_id>/setup-token", view(SetupTokenView)),
]

simplefin = [
    path("info", view(InfoView)),
    path("create", view(CreateView)),
    path("claim/<str:token>", view(ClaimView)),
    path("accounts", view(SharedAccountsView)),
]

urlpatterns = [
    path("api/v1/", include(api)),
    path("simplefin/", include(simplefin)),
    path("health/live", LiveView.as_view()),
    path("health/ready", ReadyView.as_view(database=container.health_database)),
    path(".well-known/security.txt", SecurityTxtView.as_view()),
    path("connections/callback", view(CallbackView)),
    path("metrics", MetricsView.as_view(database=container.database, outbox=container.backlog)),
    path("admin/", admin.site.urls),
    path("static/<path:path>", static_file),
]

handler400 = "dashtam.api.problems.bad_request"
handler403 = "dashtam.api.problems.permission_denied"
handler404 = "dashtam.api.problems.not_found"
handler500 = "dashtam.admin.recording.server_error"
