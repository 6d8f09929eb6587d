"""Files that hold one secret: the master key of the vault, and passwords.

The key is 32 random bytes, written as one line of base64.  What is missing, short, plainly
not random or readable for everybody on the machine is refused, with words that say what to do.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from itertools import pairwise
from pathlib import Path

from bridge.errors import Refuse
from bridge.vault import KEY_BYTES

_MAX_SECRET = 4096
_FEWEST = 12  # different values among 32 random bytes: some 30; fewer than 12 once in 10^18 keys
_OPEN = stat.S_IRWXO | stat.S_IWGRP
"""No access for others, no writing for the group.  (A group may read: that is how service
managers hand secrets to a process.)"""


def new_key() -> str:
    """The text of a fresh key file, from the system's random source."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii") + "\n"


def write_secret(path: Path, text: str) -> None:
    """Create `path` with mode 0600 and `text`, on the disk when this returns.

    Raises FileExistsError rather than overwrite, OSError when the disk refuses.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def read_text(path: Path) -> str:
    """The whole of a secret file; `Refuse` when it is missing, empty, too long or open to others."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            raw = file.read(_MAX_SECRET + 1)
    except OSError as error:
        raise Refuse(f"{path} cannot be read ({(error.strerror or 'unknown').lower()})") from None
    if mode & _OPEN:
        raise Refuse(f"{path} is open to other users of this machine: run chmod 600 {path}")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Refuse(f"{path} is not text") from None
    if not text.partition("\n")[0].strip() or len(raw) > _MAX_SECRET:
        raise Refuse(f"{path} is empty, or too long for a secret")
    return text


def read_secret(path: Path) -> str:
    """The first line of a secret file; `Refuse` as `read_text`."""
    return read_text(path).splitlines()[0].strip()


def read_key(path: Path) -> bytes:
    """The 32 bytes of the master key in `path`; `Refuse` says what is wrong with it."""
    text = read_secret(path)
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refuse(f"{path} is not base64: it must hold {KEY_BYTES} random bytes in base64") from None
    if len(key) != KEY_BYTES:
        raise Refuse(f"{path} holds {len(key)} bytes: a key has exactly {KEY_BYTES}")
    steps = {(b - a) % 256 for a, b in pairwise(key)}
    if min(len(set(key)), len(steps)) < _FEWEST:
        raise Refuse(f"{path} is not random: a default, a pattern or a word is no key")
    return key
