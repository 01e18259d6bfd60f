"""Files that contain personal data or keys, and that only their owner may read."""

import os
from pathlib import Path
from typing import BinaryIO


def create(path: Path) -> BinaryIO:
    """Create a new file with the mode 0600, regardless of the umask.

    Raises `FileExistsError` if there is a file or a link already.
    """
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
