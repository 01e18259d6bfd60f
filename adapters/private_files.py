"""Files that contain personal data or keys: nobody but their owner may read them."""

import os
from pathlib import Path
from typing import BinaryIO


def create(path: Path) -> BinaryIO:
    """Create a file that is not there yet, with the mode 0600, whatever the umask is.

    Raises `FileExistsError` where there is one, or a link.
    """
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
