"""All of DATABASE_URL reaches every connection."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from django.db import connections
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from adapters.persistence.conninfo import UnreadableUrl, django_settings, read
from adapters.persistence.plain import connect, parameters
from adapters.postgres_tools import ToolFailed, _public_dsn, back_up
from dashtam import audit_keys
from dashtam.settings import ROOT
from tests.postgres import url_of

SECRET = "a:b/c@d e%"
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

# A value that is not the default for everything that libpq knows. Nothing listens there.
EVERYTHING = {
    "service": "everything",
    "user": "dashtam_app",
    "password": SECRET,
    "passfile": "/nowhere/passfile",
    "channel_binding": "disable",
    "connect_timeout": "7",
    "dbname": "dashtam",
    "host": "db.example",
    "hostaddr": "127.0.0.1",
    "port": "1",
    "client_encoding": "UTF8",
    "options": "-c statement_timeout=4s -c lock_timeout=3s",
    "application_name": "dashtam 7",
    "fallback_application_name": "another",
    "keepalives": "0",
    "keepalives_idle": "11",
    "keepalives_interval": "12",
    "keepalives_count": "13",
    "tcp_user_timeout": "14000",
    "sslmode": "verify-full",
    "sslnegotiation": "direct",
    "sslcompression": "1",
    "sslcert": "/nowhere/client.crt",
    "sslkey": "/nowhere/client.key",
    "sslcertmode": "require",
    "sslpassword": "of the key",
    "sslrootcert": "/nowhere/root.crt",
    "sslcrl": "/nowhere/root.crl",
    "sslcrldir": "/nowhere/crl",
    "sslsni": "0",
    "requirepeer": "postgres",
    "require_auth": "scram-sha-256",
    "min_protocol_version": "3.0",
    "max_protocol_version": "3.2",
    "ssl_min_protocol_version": "TLSv1.3",
    "ssl_max_protocol_version": "TLSv1.3",
    "gssencmode": "disable",
    "krbsrvname": "dashtam",
    "gsslib": "gssapi",
    "gssdelegation": "1",
    "replication": "false",
    "target_session_attrs": "read-write",
    "load_balance_hosts": "random",
    "scram_client_key": KEY,
    "scram_server_key": KEY,
    "oauth_issuer": "https://issuer.example",
    "oauth_client_id": "dashtam",
    "oauth_client_secret": "of the client",
    "oauth_scope": "database",
    "sslkeylogfile": "/nowhere/keys.log",
}
URL = f"postgresql:///?{urlencode(EVERYTHING, quote_via=quote)}"
HOSTS = (
    f"postgresql://ada:{quote(SECRET, safe='')}@host1:5433,[::1]:5434,host3/dashtam"
    "?target_session_attrs=read-write&connect_timeout=3"
)


def test_every_libpq_parameter_is_known() -> None:
    assert {option.keyword.decode() for option in Conninfo.get_defaults()} == set(EVERYTHING)


class TestReading:
    def test_every_parameter_is_returned(self) -> None:
        assert read(URL) == EVERYTHING

    def test_several_hosts_stay_several(self) -> None:
        settings = django_settings(HOSTS)

        assert (settings["HOST"], settings["PORT"]) == ("host1,::1,host3", "5433,5434,")
        assert (settings["USER"], settings["PASSWORD"]) == ("ada", SECRET)
        assert settings["NAME"] == "dashtam"
        assert settings["OPTIONS"] == {
            "target_session_attrs": "read-write",
            "connect_timeout": "3",
        }

    @pytest.mark.parametrize(
        "url",
        ["", "sqlite:///x.db", "mysql://a@b/c", f"postgresql://ada:{KEY}@host/dashtam?sslmoode=x"],
    )
    def test_refuses_anything_else_without_repeating_it(self, url: str) -> None:
        with pytest.raises(UnreadableUrl) as refused:
            read(url)
        assert KEY not in str(refused.value)


@pytest.mark.slow
def test_every_connection_uses_every_parameter(tmp_path: Path) -> None:
    service = tmp_path / "service.conf"
    service.write_text("[everything]\n")
    environment = {**os.environ, "DATABASE_URL": URL, "DATA_DIR": str(tmp_path)}
    module = "tests.adapters.persistence.every_parameter"
    ran = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env={**environment, "PGSERVICEFILE": str(service)},
        capture_output=True,
        text=True,
        check=True,
    )

    parameters = json.loads(ran.stdout.splitlines()[-1])

    assert len(parameters) >= 11
    assert {name: EVERYTHING.items() - got.items() for name, got in parameters.items()} == {
        name: set() for name in parameters
    }


class TestPrograms:
    def test_receive_every_parameter_and_secrets_privately(self) -> None:
        url = URL.replace("service=everything&", "")
        with _public_dsn(read(url)) as (address, secrets):
            parameters = conninfo_to_dict(address)
            service = Path(secrets["PGSERVICEFILE"])
            lines = dict(line.split("=", 1) for line in service.read_text().splitlines()[1:])
            assert service.stat().st_mode & 0o077 == 0
            assert parameters.pop("service") == "dashtam"
            found = {
                **parameters,
                **lines,
                "password": secrets["PGPASSWORD"],
                "service": "everything",
            }

        assert found == EVERYTHING
        assert not service.exists()
        assert not {"password", "sslpassword", "oauth_client_secret"} & parameters.keys()

    def test_use_the_secrets_of_a_given_service_file(self) -> None:
        with pytest.raises(ToolFailed, match="sslpassword"), _public_dsn(read(URL)):
            pass

    @pytest.mark.slow
    def test_work_if_only_the_second_host_answers(
        self, committing_database: str, tmp_path: Path
    ) -> None:
        parameters = read(url_of(committing_database))
        parameters["host"] = f"{tmp_path},{parameters['host']}"
        back_up(f"postgresql:///?{urlencode(parameters)}", tmp_path / "x.backup")

        assert (tmp_path / "x.backup").stat().st_size > 10_000


def test_the_second_host_is_tried_if_the_first_does_not_answer(
    committing_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection_parameters = connections["default"].settings_dict
    monkeypatch.setitem(
        connection_parameters, "HOST", f"{tmp_path},{connection_parameters['HOST']}"
    )
    monkeypatch.setitem(
        connection_parameters,
        "OPTIONS",
        {**connection_parameters["OPTIONS"], "application_name": "second"},
    )

    assert parameters()["host"].startswith(f"{tmp_path},")
    with connect() as connection:
        found = connection.execute("SELECT current_setting('application_name')").fetchone()
    assert found == ("second",)
    with audit_keys.verifier().connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
