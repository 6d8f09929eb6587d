"""Files that hold one secret: the master key of the vault, passwords, and the key that signs mails.

The key is 32 random bytes, written as one line of base64.  What is missing, short, plainly
not random or readable for everybody on the machine is refused, with words that say what to do.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import stat
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from bridge.errors import Refuse
from bridge.vault import KEY_BYTES

_MAX_SECRET = 4096
_FEWEST = 12  # different values among 32 random bytes: some 30; fewer than 12 once in 10^18 keys
_OPEN = stat.S_IRWXO | stat.S_IWGRP
"""No access for others, no writing for the group.  (A group may read: that is how service
managers hand secrets to a process.)"""


class Unusable(Refuse):
    """A file that is no secret we can use: `what` continues its name, `remedy` is a sentence to act on."""

    def __init__(self, path: Path, what: str, remedy: str) -> None:
        super().__init__(f"{path} {what}. {remedy}")
        self.what = what
        self.remedy = remedy


class _Remedies(NamedTuple):
    """What to do about a file that is not there, and about one that holds something else."""

    absent: str
    wrong: str


_SECRET = _Remedies(
    "Make the file, with the secret on its first line, or mend the path",
    "Put the secret alone on the file's first line",
)
_KEY = _Remedies(
    "Mend the path; a lost key comes from your backup.  Only for a bridge without a database make one: "
    "openssl rand -base64 32",
    "The right one comes from your backup.  Only for a bridge without a database make a new one: "
    "openssl rand -base64 32",
)
_PEM = _Remedies(
    "Mend the path, or make a key: folkmoot dkim-key",
    "Name the file that `folkmoot dkim-key` wrote: it begins with -----BEGIN PRIVATE KEY-----",
)


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


def read_secret(path: Path) -> str:
    """The first line of a secret file; `Unusable` when it is missing, empty, too long or open to others."""
    return _first_line(_read(path, _SECRET))


def read_pem(path: Path) -> str:
    """The whole of a file with a private key in PEM; `Unusable` as `read_secret`, or when it has none.

    Whether the key can sign is for `bridge.email.signing` to say.
    """
    text = _read(path, _PEM)
    if not re.search(r"^-----BEGIN [A-Z ]*PRIVATE KEY-----", text, re.MULTILINE):
        raise Unusable(path, "is not a private key in PEM", _PEM.wrong)
    return text


def read_key(path: Path) -> bytes:
    """The 32 bytes of the master key in `path`; `Unusable` says what is wrong with it."""
    text = _first_line(_read(path, _KEY))
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        what = f"is not base64: it must hold {KEY_BYTES} random bytes in base64"
        raise Unusable(path, what, _KEY.wrong) from None
    if len(key) != KEY_BYTES:
        raise Unusable(path, f"holds {len(key)} bytes: a key has exactly {KEY_BYTES}", _KEY.wrong)
    steps = {(b - a) % 256 for a, b in pairwise(key)}
    if min(len(set(key)), len(steps)) < _FEWEST:
        raise Unusable(path, "is not random: a default, a pattern or a word is no key", _KEY.wrong)
    return key


def _first_line(text: str) -> str:
    return text.splitlines()[0].strip()


def _read(path: Path, remedies: _Remedies) -> str:
    """The whole of a file whose first line is not empty."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            raw = file.read(_MAX_SECRET + 1)
    except OSError as error:
        what = f"cannot be read ({(error.strerror or 'unknown').lower()})"
        raise Unusable(path, what, _unread(error, path, remedies)) from None
    if mode & _OPEN:
        raise Unusable(path, "is open to other users of this machine", f"Run chmod 600 {path}")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Unusable(path, "is not text", remedies.wrong) from None
    if len(raw) > _MAX_SECRET:
        raise Unusable(path, "is too long for a secret", remedies.wrong)
    if not text.partition("\n")[0].strip():
        raise Unusable(path, "is empty, or its first line is", remedies.wrong)
    return text


def _unread(error: OSError, path: Path, remedies: _Remedies) -> str:
    if isinstance(error, PermissionError):
        return f"Give it to the bridge's user: chown folkmoot: {path}"
    return "Name a file, not a folder" if isinstance(error, IsADirectoryError) else remedies.absent
