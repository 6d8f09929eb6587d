"""A real Dovecot of our own, and a tap on the line to it that cuts, holds and rewrites.

Any user logs in with `PASSWORD` and has a mailbox of its own (Maildir).  Where Dovecot 2.3 is not
installed, `dovecot()` leaves the test out.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import grp
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from bridge.demo.authority import Authority
from bridge.demo.ports import free_port
from tests.lacking import lacking

HOST = "localhost"  # what its certificate says
PASSWORD = "Käse–aber-geheim"
_PR_SET_PDEATHSIG = 1  # prctl(2)
_DEADLINE = 30  # seconds to start, and to end
_NUMBERS = count(1)

_CONFIG = """
base_dir = {run}
state_dir = {run}
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
auth_failure_delay = 0
auth_mechanisms = plain login
mail_max_userip_connections = 200
mail_location = maildir:{mail}/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={mail}/%u
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
{more}
"""


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Dovecot:
    """A server with ports of its own; `start` after `kill` or `stop` finds the mailboxes again."""

    def __init__(self, program: str, folder: Path, more: str = "") -> None:
        me = pwd.getpwuid(os.geteuid() or pwd.getpwnam("nobody").pw_uid)
        self.owner = (me.pw_uid, me.pw_gid)
        self.port, self.tls_port = free_port(), free_port()
        self._program = program
        self._folder = folder
        self._mail = folder / "mail"
        self._process: subprocess.Popen[bytes] | None = None
        authority = Authority(folder / "authority")
        identity = authority.issue(HOST)
        self.context = ssl.create_default_context(cafile=str(authority.certificate))
        self._mail.mkdir()
        os.chown(self._mail, *self.owner)
        words = {
            "run": folder / "run",
            "folder": folder,
            "mail": self._mail,
            "certificate": identity.certificate,
            "key": identity.key,
            "user": me.pw_name,
            "group": grp.getgrgid(me.pw_gid).gr_name,
            "password": PASSWORD,
            "port": self.port,
            "tls_port": self.tls_port,
            "more": more,
        }
        (folder / "conf").write_text(_CONFIG.format(**words), "utf-8")

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._program, "-F", "-c", str(self._folder / "conf")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one prctl, before any thread of ours matters
        )
        end = time.monotonic() + _DEADLINE
        while not self._greets():
            assert self._process.poll() is None and time.monotonic() < end, self.log()
            time.sleep(0.02)

    def _greets(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5) as line:
            return line.recv(100).startswith(b"* OK")
        return False

    def stop(self) -> None:
        """End it in good order."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_DEADLINE)
            self._process = None

    def kill(self) -> None:
        """End it and its children at once."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(_DEADLINE)
            self._process = None

    def log(self) -> str:
        path = self._folder / "log"
        return path.read_text("utf-8", "replace") if path.exists() else "no log"

    # -------------------------------------------------------------- mailboxes

    def maildir(self, user: str) -> Path:
        return self._mail / user

    def deliver(self, user: str, *mails: bytes) -> list[Path]:
        """As a mail server does: whole files, moved into `new`; where they lie."""
        written = []
        for raw in mails:
            for name in ("", "new", "cur", "tmp"):
                folder = self.maildir(user) / name
                if not folder.exists():
                    folder.mkdir()
                    os.chown(folder, *self.owner)
            name = f"{int(time.time())}.{next(_NUMBERS)}.test"
            path = self.maildir(user) / "tmp" / name
            path.write_bytes(raw)
            os.chown(path, *self.owner)
            written.append(path.rename(self.maildir(user) / "new" / name))
        return written

    @contextlib.contextmanager
    def client(self, user: str, folder: str = "INBOX") -> Iterator[Any]:
        """Another program that looks into the mailbox, with `folder` open."""
        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=20) as client:
            client.plain_login(user, PASSWORD)
            client.select_folder(folder)
            yield client

    def flags(self, user: str, folder: str = "INBOX") -> list[set[str]]:
        """The flags of each mail, without `\\Recent`."""
        with self.client(user, folder) as client:
            uids = client.search("ALL", charset=None)
            found = client.get_flags(uids)
            return [{flag.decode() for flag in found[uid]} - {"\\Recent"} for uid in uids]


@contextlib.contextmanager
def dovecot(more: str = "") -> Iterator[Dovecot]:
    """A running server with `more` configuration; ended by its PID."""
    program = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
    if program is None:
        lacking("Dovecot is not installed (Debian: apt-get install dovecot-imapd)")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    if not version.startswith("2.3."):
        lacking(f"this Dovecot has another syntax of configuration than 2.3: {version.strip()}")
    folder = Path(tempfile.mkdtemp(prefix="fm-dovecot-"))
    folder.chmod(0o755)
    server = Dovecot(program, folder, more)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


class Tap:
    """A TCP relay in front of `port`.

    `rewrite` makes of each piece that the server says what the client hears, `change` the other
    way round; `said` is what the client said.  `cut` drops every line.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self.port = 0
        self.connections = 0
        self.said = b""
        self.rewrite: Callable[[bytes], bytes] = lambda piece: piece
        self.change: Callable[[bytes], bytes] = lambda piece: piece
        self._writers: set[asyncio.StreamWriter] = set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.close()
            return
        self._writers |= {writer, up_writer}
        try:
            await asyncio.gather(
                self._pump(reader, up_writer, self._hear), self._pump(up_reader, writer, self._say)
            )
        finally:
            for one in (writer, up_writer):
                one.close()
            self._writers -= {writer, up_writer}

    def _hear(self, piece: bytes) -> bytes:
        self.said += piece
        return self.change(piece)

    def _say(self, piece: bytes) -> bytes:
        return self.rewrite(piece)

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        change: Callable[[bytes], bytes],
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(65536):
                writer.write(change(piece))
                await writer.drain()
        writer.close()

    def cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()


@contextlib.asynccontextmanager
async def tapped(port: int) -> AsyncIterator[Tap]:
    """A tap that listens."""
    tap = Tap(port)
    server = await asyncio.start_server(tap, "127.0.0.1", 0)
    tap.port = server.sockets[0].getsockname()[1]
    try:
        yield tap
    finally:
        server.close()
        tap.cut()
        await server.wait_closed()
