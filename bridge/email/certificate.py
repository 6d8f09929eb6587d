"""The certificate of our doors, read again when its files change.

Whoever renews it only writes the files: the next handshake sees the new ones.  Half-written
files, or a key that does not fit, leave the old certificate in place.
"""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

from bridge.email.settings import KeyPair
from bridge.errors import Refuse

log = logging.getLogger(__name__)

_Stamp = tuple[tuple[int, int, int] | None, ...]


class Certificate:
    """A key pair on disk.  Raises `Refuse` when it cannot be used from the start."""

    def __init__(self, pair: KeyPair) -> None:
        self._pair = pair
        self._stamp = self._look()
        loaded = self._load()
        if isinstance(loaded, OSError):
            raise Refuse(f"cannot use {_blamed(pair, loaded)}")
        self._context = loaded

    def context(self) -> ssl.SSLContext:
        """The newest one that works: TLS 1.2 or later (RFC 8996 ended what was before)."""
        stamp = self._look()
        if stamp != self._stamp:
            self._stamp = stamp
            loaded = self._load()
            if isinstance(loaded, OSError):
                log.error("the old certificate stays, cannot use %s", _blamed(self._pair, loaded))
            else:
                self._context = loaded
                log.info("the certificate was read again")
        return self._context

    def _load(self) -> ssl.SSLContext | OSError:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            # An empty password: without one OpenSSL would ask for it on the terminal.
            context.load_cert_chain(self._pair.certificate, self._pair.key, password="")
        except OSError as error:
            return error
        return context

    def _look(self) -> _Stamp:
        return tuple(_stamp(path) for path in (self._pair.certificate, self._pair.key))


def _blamed(pair: KeyPair, error: OSError) -> str:
    """The file that `error` is about, or both when they do not fit each other, and what is wrong."""
    certificate, key = f"the certificate {pair.certificate}", f"the key {pair.key}"
    for name, path in ((certificate, pair.certificate), (key, pair.key)):
        try:
            path.open("rb").close()
        except OSError as unread:
            return f"{name}: {unread.strerror or type(unread).__name__}"
    if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
        return f"{certificate} with {key}: they do not belong together"
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_verify_locations(pair.certificate)
    except OSError:
        return f"{certificate}: it is none in PEM ({_why(error)})"
    return f"{key}: it is none in PEM, or has a passphrase ({_why(error)})"


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None  # between two files of a renewal; what loads it says the rest
    return found.st_mtime_ns, found.st_size, found.st_ino


def _why(error: OSError) -> str:
    reason = error.reason if isinstance(error, ssl.SSLError) else error.strerror
    return str(reason or type(error).__name__)
