"""Verify an export or the evidence of one entry, with Python and `cryptography` alone.

    python verify.py ARCHIVE.zip KEY_ID:PUBLIC_KEY [KEY_ID:PUBLIC_KEY ...]
    python verify.py EVIDENCE.json KEY_ID:PUBLIC_KEY [KEY_ID:PUBLIC_KEY ...]

Says what is wrong and ends with 1, or says what was proved and ends with 0. This file stands alone
on purpose: whoever reads an archive years from now has nothing of Dashtam but what is in it.
"""

import hashlib
import json
import sys
import zipfile
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Wrong(Exception):
    """Something does not hold."""


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def root(level: list[bytes]) -> bytes:
    """Return the Merkle root of leaves (RFC 6962)."""
    if not level:
        return sha256(b"")
    while len(level) > 1:
        pairs = range(0, len(level) - 1, 2)
        above = [sha256(b"\x01" + level[place] + level[place + 1]) for place in pairs]
        level = above + level[len(pairs) * 2 :]
    return level[0]


def climb(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """Return the root that a leaf and its proof lead to (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise Wrong("the tree has no such place")
    last = size - 1
    for sibling in proof:
        if last == 0:
            raise Wrong("the proof is too long")
        if index & 1 or index == last:
            leaf = sha256(b"\x01" + sibling + leaf)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            leaf = sha256(b"\x01" + leaf + sibling)
        index, last = index >> 1, last >> 1
    if last:
        raise Wrong("the proof is too short")
    return leaf


def read_checkpoint(text: str) -> dict[str, str]:
    form, *lines = text.splitlines()
    if form != "dashtam-audit-checkpoint/1":
        raise Wrong(f"this is no checkpoint: {form[:80]}")
    return dict(line.split(" ", 1) for line in lines)


def refused_by(sealed: dict[str, Any], here: dict[str, str]) -> int:
    """Prove which entries a checkpoint does not seal; return how many."""
    ids = b64decode(sealed["refused"])
    count = int(here["refused"])
    if len(ids) != count * 16 or sha256(ids) != b64decode(here["refused-ids"]):
        raise Wrong(f"the refused entries of checkpoint {here['number']} are not those it names")
    return count


def check_signature(keys: dict[str, bytes], key_id: str, signature: bytes, data: bytes) -> None:
    if key_id not in keys:
        raise Wrong(f"it is signed with the key {key_id}, which was not given")
    try:
        Ed25519PublicKey.from_public_bytes(keys[key_id]).verify(signature, data)
    except InvalidSignature:
        raise Wrong(f"its signature by {key_id} does not hold") from None


def check_archive(path: Path, keys: dict[str, bytes]) -> str:
    """Prove an archive; return what was proved."""
    with zipfile.ZipFile(path) as archive:
        raw = archive.read("manifest.json")
        manifest = json.loads(raw)
        check_signature(keys, manifest["key"], b64decode(archive.read("manifest.sig")), raw)
        for name, digest in manifest["files"].items():
            if digest_of(archive, name) != digest:
                raise Wrong(f"{name} is not the file that was exported")
        count, refused = check_entries(archive, keys, manifest["first"], manifest["last"])
    if count != manifest["entries"]:
        raise Wrong(f"{manifest['entries']} entries were exported, and {count} are here")
    proved = f"{count} entries under checkpoints {manifest['first']} to {manifest['last']}"
    return f"{proved}; {refused} more were refused when they were sealed" if refused else proved


def digest_of(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def check_entries(
    archive: zipfile.ZipFile, keys: dict[str, bytes], number: int, last: int
) -> tuple[int, int]:
    """Follow the checkpoints, and take for each as many entries as it seals.

    Return how many those are, and how many were refused.
    """
    count = refused = 0
    previous = ""
    with archive.open("checkpoints.jsonl") as lines, archive.open("entries.jsonl") as entries:
        for line in lines:
            sealed = json.loads(line)
            text, signature = sealed["text"], b64decode(sealed["signature"])
            here = read_checkpoint(text)
            check_signature(keys, here["key"], signature, text.encode())
            if int(here["number"]) != number or previous not in ("", here["previous"]):
                raise Wrong(f"checkpoint {here['number']} does not follow on the one before it")
            leaves = [
                sha256(b"\x00" + entries.readline().rstrip(b"\n"))
                for _ in range(int(here["entries"]))
            ]
            if root(leaves) != b64decode(here["root"]):
                raise Wrong(f"the entries of checkpoint {number} are not those it seals")
            previous = hashed(text.encode() + signature)
            count += len(leaves)
            refused += refused_by(sealed, here)
            number += 1
        if entries.readline() or number != last + 1:
            raise Wrong("there are entries that no checkpoint seals, or checkpoints are missing")
    return count, refused


def hashed(data: bytes) -> str:
    return b64encode(sha256(data)).decode()


def check_evidence(given: dict[str, Any], keys: dict[str, bytes]) -> str:
    """Prove one entry; return it."""
    text = given["checkpoint"]
    here = read_checkpoint(text)
    check_signature(keys, here["key"], b64decode(given["signature"]), text.encode())
    leaf = sha256(b"\x00" + given["entry"].encode())
    proof = [b64decode(sibling) for sibling in given["proof"]]
    if climb(leaf, given["index"], int(here["entries"]), proof) != b64decode(here["root"]):
        raise Wrong("this entry is not under that checkpoint")
    return f"under checkpoint {here['number']}, sealed {here['sealed']}: {given['entry']}"


def check(path: Path, keys: dict[str, bytes]) -> str:
    if zipfile.is_zipfile(path):
        return check_archive(path, keys)
    return check_evidence(json.loads(path.read_text(encoding="utf-8")), keys)


def main() -> int:
    path, *given = sys.argv[1:]
    keys = {key.split(":", 1)[0]: b64decode(key.split(":", 1)[1]) for key in given}
    try:
        sys.stdout.write(f"proved: {check(Path(path), keys)}\n")
    except Wrong as error:
        sys.stdout.write(f"WRONG: {error}\n")
        return 1
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        sys.stdout.write(f"WRONG: this cannot be read: {type(error).__name__} {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main())
