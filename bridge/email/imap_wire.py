"""IMAP on one connected socket: whole lines, bounded literals, and waiting for news (RFC 2177).

    dial() ─> socket ─> Wire (imaplib's idea of a connection) ─> imap_folder

`imaplib` reads through a buffered file, which hides what has arrived from `select`: a mail that
is announced in the same packet as the answer to IDLE would be seen only at the next one.  So the
buffer is kept here.  What a server said before TLS began is forgotten with the socket it came by.
"""

from __future__ import annotations

import asyncio
import imaplib
import io
import re
import selectors
import socket
import ssl
import time

_PIECE = 64 * 1024
_LONGEST_LINE = 1_000_000
_MOST_LINES = 10_000  # that a server may say while it is asked to end IDLE
_COUNT = re.compile(rb"\* (\d+) (EXISTS|EXPUNGE)\b", re.IGNORECASE)


async def dial(host: str, port: int, timeout: float) -> socket.socket:
    """A connected socket; every address of `host` is tried, within `timeout` seconds in all.

    Raises `OSError`; `TimeoutError` is one.
    """
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(timeout):
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        fault: OSError = OSError("no address")
        for family, kind, protocol, _, address in found:
            line = socket.socket(family, kind, protocol)
            try:
                line.setblocking(False)
                line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # a silent peer is noticed
                async with asyncio.timeout(timeout / len(found)):
                    await loop.sock_connect(line, address)
            except OSError as error:
                line.close()
                fault = error
            except BaseException:
                line.close()
                raise
            else:
                return line
        raise fault


class Wire(imaplib.IMAP4):
    """A connection over `line`; `timeout` seconds for each answer, `limit` octets for each literal.

    Blocks, so it belongs to a thread.  Raises `imaplib`'s errors and `OSError`; `abort` and
    `OSError` mean that the connection is of no use any more.
    """

    def __init__(self, line: socket.socket, timeout: float, limit: int) -> None:
        self._line = line
        self._patience = timeout
        self._limit = limit
        self._buffer = bytearray()
        self._listened = 0
        line.settimeout(timeout)
        super().__init__()

    # -------------------------------------------------------------- what imaplib asks for

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        """Nothing to open: the socket is connected."""
        self.sock = self._line

    def read(self, size: int) -> bytes:
        """Exactly `size` octets."""
        if size > self._limit:
            raise self.abort("a literal above the limit")
        content = io.BytesIO(bytes(self._buffer[:size]))  # grows, and is handed over without a copy
        missing = size - content.seek(0, io.SEEK_END)
        del self._buffer[:size]
        while missing > 0:
            piece = self.sock.recv(min(missing, _PIECE))
            if not piece:
                raise self.abort("the line was dropped")
            missing -= content.write(piece)
        return content.getvalue()

    def readline(self) -> bytes:
        """A line with its end."""
        begin = 0
        while (end := self._buffer.find(b"\n", begin)) < 0:
            begin = len(self._buffer)
            self._take()
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        return line

    def shutdown(self) -> None:
        """Close the socket."""
        self.sock.close()

    def _take(self) -> None:
        """Add to the buffer what comes."""
        if len(self._buffer) > _LONGEST_LINE:
            raise self.abort("a line above the limit")
        piece = self.sock.recv(_PIECE)
        if not piece:
            raise self.abort("the line was dropped")
        self._buffer += piece

    # -------------------------------------------------------------- ours

    def secure(self, context: ssl.SSLContext, host: str) -> None:
        """STARTTLS (RFC 3501 section 6.2.1); raises `error` when the server does not offer it."""
        kind, _ = self.xatom("STARTTLS")
        if kind != "OK":
            raise self.error("STARTTLS is refused")
        self.sock = self._line = context.wrap_socket(self.sock, server_hostname=host)
        self._buffer.clear()  # said in the clear, perhaps by somebody else (CVE-2011-0411)
        self.untagged_responses.clear()

    def announced(self) -> int:
        """How many mails the folder has, as the server said last since it was selected."""
        told = self.untagged_responses.get("EXISTS", [])
        return int(told[-1]) if told and isinstance(told[-1], bytes) else 0

    def listen(self, seconds: float, known: int) -> bool:
        """IDLE until there are more than `known` mails, at most `seconds`; whether there are.

        Raises `error` when the server does not want to.
        """
        self._listened += 1
        tag = b"idle%d" % self._listened
        end = time.monotonic() + seconds
        self.send(tag + b" IDLE\r\n")
        news = _News(known)
        while not (line := self.readline()).startswith(b"+"):
            news.hear(self._checked(line, tag))
        while not news.heard and self._has_line(end - time.monotonic()):
            news.hear(self._checked(self.readline(), tag))
        self.send(b"DONE\r\n")
        for _ in range(_MOST_LINES):
            line = self.readline()
            if line.startswith(tag + b" "):
                return news.heard
            news.hear(line)
        raise self.abort("no end of IDLE")

    def _checked(self, line: bytes, tag: bytes) -> bytes:
        if line.startswith(tag + b" "):
            raise self.error("IDLE is refused")
        if line[:5].upper() == b"* BYE":
            raise self.abort("the server says goodbye")
        return line

    def _has_line(self, seconds: float) -> bool:
        """Whether a whole line is there within `seconds`."""
        end = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self.sock, selectors.EVENT_READ)
            while b"\n" not in self._buffer:
                pending = isinstance(self.sock, ssl.SSLSocket) and self.sock.pending() > 0
                left = end - time.monotonic()
                if left <= 0 or not (pending or selector.select(left)):
                    return False
                self._take_what_is_there()
        return True

    def _take_what_is_there(self) -> None:
        """Like `_take`, without waiting: what makes a TLS socket readable may hold no octets for us."""
        self.sock.settimeout(0)
        try:
            self._take()
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        finally:
            self.sock.settimeout(self._patience)


class _News:
    """Counts the mails of a folder by what the server says (RFC 3501 sections 7.3.1 and 7.4.1)."""

    def __init__(self, known: int) -> None:
        self._count = known
        self.heard = False

    def hear(self, line: bytes) -> None:
        match = _COUNT.match(line)
        if match is None:
            return
        if match[2].upper() == b"EXPUNGE":
            self._count -= 1
            return
        self.heard = self.heard or int(match[1]) > self._count
        self._count = int(match[1])
