"""One folder of a mailbox over IMAP (RFC 3501): what waits in it, its mails, their marks.

A mail waits until it is marked:

    handled     moved to the folder `done`; without one, it stays, `\\Seen` and `$Folkmoot`
    set aside   moved to the folder `aside`; without one, it stays, `\\Flagged` and `$FolkmootAside`

A server that keeps no keywords gets `\\Seen` and `\\Flagged` alone, so that there a mail that
somebody reads or flags by hand waits no longer.  Nothing is deleted.
"""

from __future__ import annotations

import imaplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from imapclient import IMAPClient

from bridge.email.imap_wire import Wire
from bridge.email.settings import Tls
from bridge.errors import Retry

HANDLED = "$Folkmoot"
ASIDE = "$FolkmootAside"
_WINDOW = 10_000  # sequence numbers asked for at once: the answer is one line, and lines are limited
_SPARE = 64 * 1024  # octets that a literal may be longer than the longest mail

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Imap:
    """A mailbox that is looked after.  Times in seconds, `max_size` in octets, `max_age` in days.

    `mailbox` is the address that a mail is for when it names none of ours.  `max_age` keeps
    an old archive from coming in as news; None: every mail that waits is taken.  `idle` stays
    below the 29 minutes of RFC 2177.
    """

    host: str
    port: int = 993
    tls: Tls = "tls"
    username: str = ""
    password: str = field(default="", repr=False)
    folder: str = "INBOX"
    done: str | None = None
    aside: str | None = None
    mailbox: str | None = None
    max_size: int = 25 * 1024 * 1024
    max_age: int | None = 30
    poll: float = 60.0
    idle: float = 540.0
    timeout: float = 60.0


class Trouble(Retry):
    """What keeps us from a folder; `key` is what operators are told, after `patience` tries."""

    key: ClassVar[str] = "imap_unreachable"
    patience: ClassVar[int] = 5


class Lost(Trouble):
    """There is no connection, or no longer."""


class Untrusted(Trouble):
    """No TLS, or none that proves the server's name."""

    key = "imap_untrusted"
    patience = 1


class LoginRefused(Trouble):
    """User name or password are not what the server wants."""

    key = "imap_login_refused"
    patience = 1


class FolderRefused(Trouble):
    """A folder cannot be opened for writing, or made."""

    key = "imap_folder_refused"
    patience = 1


class Unanswered(Retry):
    """The server refused one command, or its answer makes no sense; the connection is of use."""


@dataclass(frozen=True, slots=True)
class Look:
    """What waits: UIDs in the order of arrival, good for `validity`.

    `exists` counts all mails of the folder; `more` came while we looked.
    """

    validity: int
    uids: tuple[int, ...]
    exists: int
    more: bool


class Folder:
    """The folder of `settings` over a connected `line`, which is closed with it.

    Blocks: call it in one thread.  `open` raises `Trouble`; everything else `Lost` or
    `Unanswered`.  No exception repeats what the server said.
    """

    def __init__(self, settings: Imap, line: socket.socket, context: ssl.SSLContext | None) -> None:
        self._settings = settings
        self._line = line
        self._context = context
        self._client: _Client | None = None
        self._keywords = True
        self.idles = False
        """Whether the server tells of new mails by itself."""

    @property
    def keeps_keywords(self) -> bool:
        """Whether the server keeps our own marks; known after `look`."""
        return self._keywords

    def open(self) -> None:
        """Greet, begin TLS, log in, and see to it that the folders for what is done with exist."""
        client = _Client(self._settings, self._wire())
        self._client = client
        self._login(client.wire)
        try:
            _ask(client.select_folder, self._settings.folder)
            self.idles = bool(_ask(client.has_capability, "IDLE"))
            for name in (self._settings.done, self._settings.aside):
                if name is not None and not _ask(client.folder_exists, name):
                    _ask(client.create_folder, name)
        except Unanswered:
            raise FolderRefused("A folder of the mailbox cannot be opened.") from None

    def close(self) -> None:
        """Close the connection without a word; harmless at any time."""
        if self._client is not None:
            self._client.wire.shutdown()
        self._line.close()

    def look(self) -> Look:
        """Select the folder anew, and see what waits."""
        client = self._open()
        try:
            state = _ask(client.select_folder, self._settings.folder)
        except Unanswered:
            raise FolderRefused("The folder of the mailbox cannot be opened.") from None
        kept = state.get(b"PERMANENTFLAGS")
        self._keywords = kept is None or b"\\*" in kept or HANDLED.encode() in kept
        exists = int(state.get(b"EXISTS", 0))
        uids: set[int] = set()
        for first in range(1, exists + 1, _WINDOW):
            window = f"{first}:{min(first + _WINDOW - 1, exists)}"
            uids.update(_ask(client.search, f"{window} {self._waiting()}", charset=None))
        validity = int(state.get(b"UIDVALIDITY", 0))
        return Look(validity, tuple(sorted(uids)), exists, client.wire.announced() > exists)

    def _waiting(self) -> str:
        settings = self._settings
        if self._keywords:
            return f"UNDELETED UNKEYWORD {HANDLED} UNKEYWORD {ASIDE}"
        marks = ["UNDELETED", *(["UNSEEN"] if settings.done is None else [])]
        return " ".join([*marks, *(["UNFLAGGED"] if settings.aside is None else [])])

    def about(self, uid: int) -> tuple[int, float | None] | None:
        """Octets of a mail and when it came (seconds since 1970); None: it is there no more."""
        found = _ask(self._open().fetch, uid, ["RFC822.SIZE", "INTERNALDATE"]).get(uid)
        if found is None:
            return None
        size, came = found.get(b"RFC822.SIZE"), found.get(b"INTERNALDATE")
        if not isinstance(size, int):
            raise Unanswered("A mail without a size.")
        return size, came.timestamp() if isinstance(came, datetime) else None

    def fetch(self, uid: int) -> bytes | None:
        """A mail, unread as before; None: it is there no more.

        At most one octet more than `max_size`, whatever size was claimed.
        """
        part = f"BODY.PEEK[]<0.{self._settings.max_size + 1}>"
        found = _ask(self._open().fetch, uid, [part]).get(uid)
        if found is None:
            return None
        content = next((value for name, value in found.items() if name.startswith(b"BODY[]")), None)
        if not isinstance(content, bytes):
            raise Unanswered("A mail without content.")
        return content

    def settle(self, uid: int) -> None:
        """Mark a mail as handled; one that is there no more is none of our business."""
        self._mark(uid, self._settings.done, ["\\Seen"], HANDLED)

    def set_aside(self, uid: int) -> None:
        """Mark a mail as one for people to look at."""
        self._mark(uid, self._settings.aside, ["\\Flagged"], ASIDE)

    def _mark(self, uid: int, folder: str | None, flags: list[str], keyword: str) -> None:
        if folder is not None:
            self._move(uid, folder)
        else:
            flags = [*flags, keyword] if self._keywords else flags
            _ask(self._open().add_flags, uid, flags, silent=True)

    def _move(self, uid: int, folder: str) -> None:
        """RFC 6851, or what it stands for; nobody else's `\\Deleted` mails are expunged."""
        client = self._open()
        if _ask(client.has_capability, "MOVE"):
            _ask(client.move, uid, folder)
            return
        _ask(client.copy, uid, folder)
        _ask(client.delete_messages, uid, silent=True)
        if _ask(client.has_capability, "UIDPLUS"):  # RFC 4315: EXPUNGE of this one only
            _ask(client.expunge, [uid])

    def listen(self, seconds: float, known: int) -> bool:
        """Wait at most `seconds` until there are more than `known` mails; whether there are."""
        return _ask(self._open().wire.listen, seconds, known)

    # -------------------------------------------------------------- coming in

    def _open(self) -> _Client:
        if self._client is None:
            raise Lost("The folder is not open.")
        return self._client

    def _wire(self) -> Wire:
        settings = self._settings
        context = self._context or ssl.create_default_context()
        try:
            if settings.tls == "tls":
                self._line.settimeout(settings.timeout)
                self._line = context.wrap_socket(self._line, server_hostname=settings.host)
            wire = Wire(self._line, settings.timeout, settings.max_size + _SPARE)
            if settings.tls == "starttls":
                wire.secure(context, settings.host)
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            raise Lost(f"The mail server hung up ({type(error).__name__}).") from None
        except ssl.SSLError as error:
            raise Untrusted(f"The mail server proves no identity ({type(error).__name__}).") from None
        except (imaplib.IMAP4.abort, OSError) as error:
            raise Lost(f"The mail server does not answer ({type(error).__name__}).") from None
        except imaplib.IMAP4.error:
            if settings.tls == "starttls":
                raise Untrusted("The mail server does not offer TLS.") from None
            raise Lost("The mail server does not greet as one.") from None
        return wire

    def _login(self, wire: Wire) -> None:
        """AUTHENTICATE PLAIN (RFC 4616), which takes any letters, or LOGIN."""
        user, password = self._settings.username, self._settings.password
        try:
            if "AUTH=PLAIN" in wire.capabilities:
                wire.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
            else:
                wire.login(user, password)
        except (imaplib.IMAP4.abort, OSError) as error:
            raise Lost(f"The mail server hung up at our login ({type(error).__name__}).") from None
        except (imaplib.IMAP4.error, UnicodeError) as error:
            if "[UNAVAILABLE]" in str(error).upper():  # RFC 5530: not the password's fault
                raise Lost("The mail server cannot check our login now.") from None
            raise LoginRefused("The mail server refuses our login.") from None


class _Client(IMAPClient):  # type: ignore[misc]  # the library has no types
    """IMAPClient over our own wire."""

    def __init__(self, settings: Imap, wire: Wire) -> None:
        self.wire = wire
        super().__init__(settings.host, settings.port, ssl=False, timeout=settings.timeout)
        self.normalise_times = False
        wire.debug = 0  # or it would log what the server says

    def _create_IMAP4(self) -> Wire:
        return self.wire


def _ask(command: Callable[..., T], *values: Any, **options: Any) -> T:
    """What the server answers; `Lost` or `Unanswered` instead of the many errors of two libraries."""
    try:
        return command(*values, **options)
    except imaplib.IMAP4.readonly:
        raise FolderRefused("The folder may only be read.") from None
    except (imaplib.IMAP4.abort, OSError) as error:
        raise Lost(f"The connection to the mailbox broke ({type(error).__name__}).") from None
    except (imaplib.IMAP4.error, ValueError, TypeError, LookupError, AttributeError) as error:
        raise Unanswered(f"The mail server refused a command ({type(error).__name__}).") from None
