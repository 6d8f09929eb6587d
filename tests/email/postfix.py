"""A real Postfix: an instance of its own in a folder, on a free port of loopback.

    async with Postfix(folder, lmtp_to=("127.0.0.1", port)) as postfix:   # in front of the bridge
    async with Postfix(folder, local_domain="home.example") as postfix:   # where citizens are

It takes mail from this machine without a question and asks no DNS.  Deferred mail is tried again
when `flush` says so, and not before.  Nothing of the machine's own Postfix is touched.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import pwd
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from bridge.demo.ports import free_port
from tests.lacking import lacking
from tests.waiting import until

_PR_SET_PDEATHSIG = 1  # prctl(2)
_SBIN = "/usr/sbin"
_SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 3600 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def ensure_installed() -> None:
    """Leaves the calling test out where Postfix cannot be run: it is not there, or we are not root."""
    if not (Path(_SBIN) / "postfix").exists():
        lacking("install postfix")
    if os.geteuid() != 0:
        lacking("Postfix is started by root only")


@contextmanager
def postfix_folder() -> Iterator[Path]:
    """A folder that Postfix's own user may enter, which pytest's are not; removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="fm-postfix-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Postfix:
    """An instance in `directory`, whose parents anybody may enter (`postfix_folder`).

    Mail for `local_domain` is kept, one file a mail, whoever it is for (`mails`).  All other mail
    goes to `relay_to` by SMTP or to `lmtp_to` by LMTP: a host's number and port, or the path of a
    socket file; with neither it is refused.  `settings` are further lines of main.cf.
    """

    def __init__(
        self,
        directory: Path,
        *,
        relay_to: tuple[str, int] | None = None,
        lmtp_to: tuple[str, int] | Path | None = None,
        local_domain: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        if relay_to and lmtp_to:
            raise ValueError("by SMTP or by LMTP, not by both")
        self.directory = directory
        self.port = free_port()
        self._settings = dict(settings or {})
        self._next = self._transport(relay_to, lmtp_to)
        self._local = local_domain
        self._config = directory / "etc"
        self._kept = directory / "mail"
        self._process: asyncio.subprocess.Process | None = None

    @staticmethod
    def _transport(relay_to: tuple[str, int] | None, lmtp_to: tuple[str, int] | Path | None) -> str:
        if relay_to:
            return f"smtp:[{relay_to[0]}]:{relay_to[1]}"
        if isinstance(lmtp_to, Path):
            return f"lmtp:unix:{lmtp_to}"
        return f"lmtp:inet:{lmtp_to[0]}:{lmtp_to[1]}" if lmtp_to else "error:5.7.1 Nowhere to go"

    def _main(self) -> dict[str, str]:
        nobody = pwd.getpwnam("nobody")
        local = {
            "virtual_mailbox_domains": self._local or "",
            "virtual_mailbox_base": str(self._kept),
            "virtual_mailbox_maps": "static:all/",
            "virtual_uid_maps": f"static:{nobody.pw_uid}",
            "virtual_gid_maps": f"static:{nobody.pw_gid}",
            "virtual_transport": "virtual",
        }
        return {
            "compatibility_level": "3.6",
            "queue_directory": str(self.directory / "queue"),
            "data_directory": str(self.directory / "data"),
            "maillog_file": str(self.directory / "log"),
            "maillog_file_prefixes": str(self.directory),
            "myhostname": "mx.home.example",
            "mydestination": "",
            "alias_maps": "",
            "alias_database": "",
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "mynetworks": "127.0.0.0/8",
            "smtpd_relay_restrictions": "permit_mynetworks, reject",
            "smtpd_peername_lookup": "no",
            "smtp_dns_support_level": "disabled",
            "smtp_host_lookup": "native",
            "default_transport": self._next,
            "queue_run_delay": "1h",
            "minimal_backoff_time": "1h",
            "maximal_backoff_time": "1h",
            "bounce_queue_lifetime": "0",
            "smtp_tls_security_level": "none",
            "smtpd_tls_security_level": "none",
            **(local if self._local else {}),
            **self._settings,
        }

    async def __aenter__(self) -> Postfix:
        ensure_installed()
        self._write()
        self._process = await asyncio.create_subprocess_exec(
            f"{_SBIN}/postfix", "-c", str(self._config), "start-fg",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the tests
            preexec_fn=_die_with_parent,
        )  # fmt: skip
        await until(self._greets, 60, "Postfix does not answer")
        return self

    def _write(self) -> None:
        owner = pwd.getpwnam("postfix")
        for folder in (self._config, self.directory / "queue", self.directory / "data", self._kept):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)  # Postfix's own user enters it, whatever this process's umask is
        os.chown(self.directory / "data", owner.pw_uid, owner.pw_gid)
        nobody = pwd.getpwnam("nobody")
        os.chown(self._kept, nobody.pw_uid, nobody.pw_gid)
        lines = "".join(f"{name} = {value}\n" for name, value in self._main().items())
        (self._config / "main.cf").write_text(lines)
        (self._config / "master.cf").write_text(_SERVICES.format(port=self.port))

    async def _greets(self) -> bool:
        if self._process is None or self._process.returncode is not None:
            raise AssertionError(f"Postfix ended: {self.log()}")
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            greeting = await asyncio.wait_for(reader.readline(), 20)
            writer.close()
            return greeting.startswith(b"220")
        return False

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.returncode is None:
            await self._run("postfix", "stop")
            await asyncio.wait_for(self._process.wait(), 30)

    async def _run(self, command: str, *arguments: str) -> str:
        """A command of Postfix on this instance; its output.  Fails when the command does."""
        process = await asyncio.create_subprocess_exec(
            f"{_SBIN}/{command}", "-c", str(self._config), *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, errors = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, f"{command}: {errors.decode()}"
        return output.decode()

    async def flush(self) -> None:
        """Try again now whatever is deferred."""
        await self._run("postqueue", "-f")

    async def queue(self) -> list[dict[str, Any]]:
        """What waits: `queue_name` ("deferred", "active" …), `recipients` with their `delay_reason`."""
        return [json.loads(line) for line in (await self._run("postqueue", "-j")).splitlines()]

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for `condition`; fails with what Postfix did meanwhile."""
        try:
            await until(lambda: bool(condition()))
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()}") from None

    def mails(self) -> list[bytes]:
        """The mails that arrived for `local_domain`, in no order, with the fields Postfix adds."""
        return [path.read_bytes() for path in sorted((self._kept / "all" / "new").glob("*"))]

    def log(self) -> str:
        """What it did so far, in its own words."""
        with suppress(FileNotFoundError):
            return (self.directory / "log").read_text("utf-8", "replace")
        return ""
