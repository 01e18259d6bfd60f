"""The one list of tables that hold what is a user's: for erasing it, and for handing it out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A table, which rows of it are a user's, and which columns are secrets.

    Where a table has no index of users, `through` names what its rows belong to that has one.
    """

    name: str
    owner: str = "user_id"
    through: tuple[str, str] | None = None
    hidden: frozenset[str] = frozenset()

    @property
    def is_of(self) -> str:
        """Return the condition for a user's rows; it asks for the parameter `owner`."""
        own = f"{self.owner} = %(owner)s"
        if self.through is None:
            return own
        column, target = self.through
        return f"{own} AND {column} IN (SELECT id FROM {target} WHERE user_id = %(owner)s)"  # noqa: S608


_OF_IMPORT = ("import_id", "ledger_import")
_OF_ACCOUNT = ("account_id", "ledger_account")

#: What points at something stands before it. The user comes last: by that row, all others are due.
TABLES = (
    Table("ledger_import_progress"),
    Table("ledger_transfer"),
    Table("ledger_imported_row", through=_OF_IMPORT),
    Table("ledger_prior_state", through=_OF_ACCOUNT),
    Table("ledger_transaction_version"),
    Table("ledger_holding"),
    Table("ledger_statement", through=_OF_IMPORT),
    Table("ledger_balance"),
    Table("ledger_transaction"),
    Table("ledger_security"),
    Table("ledger_csv_profile"),
    Table("ledger_file", hidden=frozenset({"sealed"})),
    Table("ledger_preview", hidden=frozenset({"sealed"})),
    Table("ledger_import"),
    Table("ledger_account_alias"),
    Table("ledger_account"),
    Table("connections_credential", hidden=frozenset({"sealed"})),
    Table("connections_connection"),
    Table("identity_usage"),
    Table("identity_refresh_token", hidden=frozenset({"digest"})),
    Table("identity_session", hidden=frozenset({"token_digest"})),
    Table("identity_mailed_token", hidden=frozenset({"digest"})),
    Table("identity_recovery_code", hidden=frozenset({"digest"})),
    Table("identity_second_factor", hidden=frozenset({"sealed"})),
    Table("identity_api_token", hidden=frozenset({"token_digest"})),
    Table("identity_user", owner="id", hidden=frozenset({"password_hash"})),
)
