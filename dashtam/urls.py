"""Every address, its view, and what the view does. Start reading here."""

from django.contrib import admin
from django.urls import include, path

from dashtam.admin.static import static_file
from dashtam.api.health import LiveView, ReadyView
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
from dashtam.api.ledger.accounts import AccountsView, AccountView, BalancesView
from dashtam.api.ledger.changes import ChangesView
from dashtam.api.ledger.csv_profiles import (
    CsvProfileDetectionView,
    CsvProfilesView,
    CsvProfileView,
)
from dashtam.api.ledger.exports import ExportView
from dashtam.api.ledger.holdings import HoldingsView, NetWorthView
from dashtam.api.ledger.imports import (
    ImportFormatsView,
    ImportRowsView,
    ImportsView,
    ImportView,
    ReimportView,
)
from dashtam.api.ledger.previews import ImportPreviewView, QueuedPreviewView
from dashtam.api.ledger.statements import ContinuityView, StatementsView
from dashtam.api.ledger.transactions import TransactionsView, TransactionView
from dashtam.api.ledger.transfers import TransfersView, TransferView
from dashtam.api.metrics import MetricsView
from dashtam.api.security_txt import SecurityTxtView
from dashtam.container import container

limited = {"rate_limiter": container.rate_limiter}
own = {"authenticate": container.authenticate, **limited}

api = [
    # Identity
    path("users", UsersView.as_view(register_user=container.register_user, **limited)),
    path(
        "users/me",
        MeView.as_view(
            show_profile=container.show_profile,
            change_user=container.change_user,
            delete_account=container.delete_account,
            **own,
        ),
    ),
    path("users/me/export", MyExportView.as_view(export_user=container.export_user, **own)),
    path(
        "account-recoveries",
        AccountRecoveriesView.as_view(keep_account=container.keep_account, **limited),
    ),
    path(
        "email-verifications",
        EmailVerificationsView.as_view(
            request_letter=container.request_verification,
            verify_email=container.verify_email,
            **limited,
        ),
    ),
    path(
        "password-resets",
        PasswordResetsView.as_view(
            request_letter=container.request_password_reset,
            reset_password=container.reset_password,
            **limited,
        ),
    ),
    path(
        "sessions",
        SessionsView.as_view(
            log_in=container.log_in,
            list_sessions=container.list_sessions,
            end_sessions=container.end_sessions,
            **own,
        ),
    ),
    path(
        "sessions/current",
        CurrentSessionView.as_view(
            show_session=container.show_session,
            prove_session=container.prove_session,
            log_out=container.log_out,
            **own,
        ),
    ),
    path(
        "sessions/others",
        OtherSessionsView.as_view(end_sessions=container.end_sessions, **own),
    ),
    path("sessions/<uuid:session_id>", OneSessionView.as_view(log_out=container.log_out, **own)),
    path("tokens", TokensView.as_view(refresh_session=container.refresh_session, **limited)),
    path(
        "api-tokens",
        ApiTokensView.as_view(
            issue_api_token=container.issue_api_token,
            list_api_tokens=container.list_api_tokens,
            **own,
        ),
    ),
    path(
        "api-tokens/<uuid:api_token_id>",
        ApiTokenView.as_view(revoke_api_token=container.revoke_api_token, **own),
    ),
    path(
        "second-factors",
        SecondFactorsView.as_view(
            list_second_factors=container.list_second_factors,
            enrol_second_factor=container.enrol_second_factor,
            **own,
        ),
    ),
    path(
        "second-factors/recovery-codes",
        RecoveryCodesView.as_view(issue_recovery_codes=container.issue_recovery_codes, **own),
    ),
    path(
        "second-factors/<uuid:second_factor_id>",
        SecondFactorView.as_view(
            confirm_second_factor=container.confirm_second_factor,
            remove_second_factor=container.remove_second_factor,
            **own,
        ),
    ),
    # Ledger
    path(
        "imports",
        ImportsView.as_view(
            take_statement=container.take_statement, list_imports=container.list_imports, **own
        ),
    ),
    path(
        "imports/formats",
        ImportFormatsView.as_view(read_statement=container.read_statement, **own),
    ),
    path(
        "imports/preview",
        ImportPreviewView.as_view(take_preview=container.take_preview, **own),
    ),
    path(
        "imports/preview/<uuid:preview_id>",
        QueuedPreviewView.as_view(
            show_preview=container.show_preview, delete_preview=container.delete_preview, **own
        ),
    ),
    path(
        "imports/<uuid:import_id>",
        ImportView.as_view(
            show_import=container.show_import, undo_import=container.undo_import, **own
        ),
    ),
    path("export", ExportView.as_view(export_ledger=container.export_ledger, **own)),
    path("changes", ChangesView.as_view(list_changes=container.list_changes, **own)),
    path(
        "imports/<uuid:import_id>/rows",
        ImportRowsView.as_view(list_import_rows=container.list_import_rows, **own),
    ),
    path(
        "imports/<uuid:import_id>/reimport",
        ReimportView.as_view(reimport_statement=container.reimport_statement, **own),
    ),
    path(
        "csv-profiles",
        CsvProfilesView.as_view(
            list_csv_profiles=container.list_csv_profiles,
            save_csv_profile=container.save_csv_profile,
            **own,
        ),
    ),
    path(
        "csv-profiles/detect",
        CsvProfileDetectionView.as_view(detect_csv_profile=container.detect_csv_profile, **own),
    ),
    path(
        "csv-profiles/<uuid:csv_profile_id>",
        CsvProfileView.as_view(
            show_csv_profile=container.show_csv_profile,
            change_csv_profile=container.change_csv_profile,
            delete_csv_profile=container.delete_csv_profile,
            **own,
        ),
    ),
    path("accounts", AccountsView.as_view(list_accounts=container.list_accounts, **own)),
    path(
        "accounts/<uuid:account_id>",
        AccountView.as_view(show_account=container.show_account, **own),
    ),
    path(
        "accounts/<uuid:account_id>/transactions",
        TransactionsView.as_view(list_transactions=container.list_transactions, **own),
    ),
    path(
        "accounts/<uuid:account_id>/balances",
        BalancesView.as_view(list_balances=container.list_balances, **own),
    ),
    path(
        "accounts/<uuid:account_id>/statements",
        StatementsView.as_view(list_statements=container.list_statements, **own),
    ),
    path(
        "accounts/<uuid:account_id>/continuity",
        ContinuityView.as_view(show_continuity=container.show_continuity, **own),
    ),
    path(
        "accounts/<uuid:account_id>/holdings",
        HoldingsView.as_view(list_holdings=container.list_holdings, **own),
    ),
    path("holdings", HoldingsView.as_view(list_holdings=container.list_holdings, **own)),
    path("net-worth", NetWorthView.as_view(show_net_worth=container.show_net_worth, **own)),
    path(
        "transactions/<uuid:transaction_id>",
        TransactionView.as_view(
            show_transaction=container.show_transaction,
            edit_transaction=container.edit_transaction,
            delete_transaction=container.delete_transaction,
            **own,
        ),
    ),
    path(
        "transfers",
        TransfersView.as_view(
            list_transfers=container.list_transfers,
            decide_transfer=container.decide_transfer,
            **own,
        ),
    ),
    path(
        "transfers/<uuid:transfer_id>",
        TransferView.as_view(
            show_transfer=container.show_transfer,
            withdraw_transfer=container.withdraw_transfer,
            **own,
        ),
    ),
]

urlpatterns = [
    path("api/v1/", include(api)),
    path("health/live", LiveView.as_view()),
    path("health/ready", ReadyView.as_view(database=container.health_database)),
    path(".well-known/security.txt", SecurityTxtView.as_view()),
    path("metrics", MetricsView.as_view(database=container.database, outbox=container.backlog)),
    path("admin/", admin.site.urls),
    path("static/<path:path>", static_file),
]

handler400 = "dashtam.api.problems.bad_request"
handler403 = "dashtam.api.problems.permission_denied"
handler404 = "dashtam.api.problems.not_found"
handler500 = "dashtam.admin.recording.server_error"
