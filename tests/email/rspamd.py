"""A real rspamd for tests, asked as a mail server asks it: by the milter protocol.

It needs no network, no redis and no maps: one rule of our own, GTUBE, and the module
that writes header fields.  `Milter.look` gives the fields as they stand in the mail afterwards.

    > O  C H M R T L… N B E            options, client, greeting, sender, recipient, fields, body, its end
    < O                     h i m c    options; the changes (add, insert, change), then the fate
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bridge.demo.ports import free_port
from bridge.demo.process import end, spawn
from tests.lacking import lacking
from tests.waiting import until

_SILENT = 0x0FF080
"""rspamd answers no step before the end of the body (SMFIP_NR_HDR, _CONN … _BODY of libmilter)."""

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
CASINO = "casino"  # our rule: 8 points, where 6 are marked and 15 are rejected

Fields = list[tuple[str, str]]
Fate = Literal["pass", "reject"]

_RULES = f"""
require "global_functions" ()
config = {{}}
rspamd_config:register_symbol{{
  name = 'CASINO', score = 8.0, group = 'own', description = 'a word',
  callback = function(task) return tostring(task:get_content()):find('{CASINO}') ~= nil end,
}}
"""

_CONFIG = """
lua = "{folder}/rules.lua";
actions {{ reject = 15; add_header = 6; }}
options {{
  filters = "";
  cache_file = "{folder}/symbols.cache";
  control_socket = "{folder}/control mode=0600";
  pidfile = "{folder}/pid";
  hs_cache_dir = "{folder}/";
  tempdir = "{folder}";
  url_tld = "{folder}/tld";
  dns {{ nameserver = ["127.0.0.1:{deaf}"]; timeout = 0.05s; retransmits = 1; }}
  local_addrs = [];
}}
logging {{ type = "console"; level = "notice"; }}
modules {{ path = "${{PLUGINSDIR}}/milter_headers.lua"; }}
milter_headers {{ use = [{headers}]; skip_local = false; }}
worker "rspamd_proxy" {{
  bind_socket = "127.0.0.1:{port}";
  count = 1;
  milter = true;
  upstream "local" {{ default = yes; self_scan = yes; }}
}}
"""


@contextlib.asynccontextmanager
async def rspamd(folder: Path, headers: Sequence[str] = ()) -> AsyncIterator[Milter]:
    """Running inside the block, and writing `headers`, named as its module milter_headers names them.

    Leaves the test out where rspamd is not installed.
    """
    program = shutil.which("rspamd")
    if program is None:
        lacking("rspamd is not installed (Debian: apt-get install rspamd)")
    milter = Milter(free_port())
    named = ", ".join(f'"{name}"' for name in headers)
    config = _CONFIG.format(folder=folder, port=milter.port, deaf=free_port(), headers=named)
    for name, content in (("rspamd.conf", config), ("rules.lua", _RULES), ("tld", "com\nexample\n")):
        (folder / name).write_text(content, "utf-8")
    log = folder / "log"
    command = [program, "--no-fork", "--insecure", "--config", str(folder / "rspamd.conf")]
    for variable in ("DBDIR", "LOGDIR", "RUNDIR", "LOCAL_CONFDIR"):
        command.append(f"--var={variable}={folder}")
    process = await spawn(command, log)
    try:
        await until(lambda: milter.listens(process, log), deadline=60, what="rspamd answers")
        yield milter
    finally:
        await end(process)
        with contextlib.suppress(ProcessLookupError):  # its workers outlive one that had to be killed
            os.killpg(process.pid, signal.SIGKILL)


@dataclass
class Milter:
    """The mail server's side of the milter protocol, version 6, as rspamd speaks it."""

    port: int

    async def listens(self, process: asyncio.subprocess.Process, log: Path) -> bool:
        assert process.returncode is None, f"rspamd does not run, see {log}"
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.close()
            await writer.wait_closed()
            return True
        return False

    async def look(self, fields: Fields, body: str) -> tuple[Fate, Fields]:
        """What becomes of a mail: its fate, and its header fields with rspamd's changes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            async with asyncio.timeout(30):
                return await _Talk(reader, writer, list(fields)).whole(body)
        finally:
            writer.close()
            await writer.wait_closed()


@dataclass
class _Talk:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    fields: Fields = field(default_factory=list)

    async def whole(self, body: str) -> tuple[Fate, Fields]:
        self._say(b"O", b"".join(n.to_bytes(4, "big") for n in (6, 0x1FF, _SILENT)))
        verb, options = await self._hear()
        assert (verb, int.from_bytes(options[8:], "big")) == (b"O", _SILENT)
        self._say(b"C", _strings("mail.home.example") + b"4" + bytes(2) + _strings("192.0.2.1"))
        self._say(b"H", _strings("mail.home.example"))
        self._say(b"M", _strings("<ada@home.example>"))
        self._say(b"R", _strings("<park-2027@alder.example>"))
        self._say(b"T")
        for name, value in self.fields:
            self._say(b"L", _strings(name, value))
        self._say(b"N")
        self._say(b"B", body.replace("\n", "\r\n").encode())
        self._say(b"E")
        verb, data = await self._hear()
        while verb in (b"h", b"i", b"m"):
            self._change(verb, data)
            verb, data = await self._hear()
        assert verb in (b"c", b"a", b"r", b"y"), verb  # go on, accept, reject, reject with words
        return ("pass" if verb in (b"c", b"a") else "reject"), self.fields

    def _change(self, verb: bytes, data: bytes) -> None:
        at = 0 if verb == b"h" else int.from_bytes(data[:4], "big")
        name, value = data[0 if verb == b"h" else 4 :].decode().rstrip("\0").partition("\0")[::2]
        if verb == b"h":
            self.fields.append((name, value))
        elif verb == b"i":
            self.fields.insert(at, (name, value))
        else:
            self._replace(name, at, value)

    def _replace(self, name: str, at: int, value: str) -> None:
        """Occurrence `at` of a name gets another value, or is removed by an empty one (smfi_chgheader)."""
        same = [n for n, (known, _) in enumerate(self.fields) if known.lower() == name.lower()]
        if at > len(same):
            self.fields += [(name, value)] if value else []
        else:
            where = same[at - 1]
            self.fields[where : where + 1] = [(name, value)] if value else []

    def _say(self, verb: bytes, data: bytes = b"") -> None:
        self.writer.write((len(data) + 1).to_bytes(4, "big") + verb + data)

    async def _hear(self) -> tuple[bytes, bytes]:
        length = int.from_bytes(await self.reader.readexactly(4), "big")
        packet = await self.reader.readexactly(length)
        return packet[:1], packet[1:]


def _strings(*words: str) -> bytes:
    return b"".join(word.encode() + b"\0" for word in words)
