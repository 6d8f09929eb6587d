"""The world outside, as `folkmoot check` looks at it: an edge, with a deadline on every question."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import aiohttp
import aiosmtplib
from aiohttp import web

from bridge import mailwing
from bridge.appservice.registration import ID, Registration
from bridge.config import Database, Email, Listen, Relay
from bridge.config_email import Mailbox, Scanner
from bridge.doctor.incoming import Shown
from bridge.email.imap_folder import Folder
from bridge.email.imap_wire import dial
from bridge.email.resolver import Resolver
from bridge.email.scanner import Clamd
from bridge.errors import Refuse, Retry

DEADLINE = 10.0
"""Seconds for one question."""

GREETING = 5.0
"""Seconds for a mail server of the world to begin TLS: many networks let nobody out to port 25."""

Schema = Callable[[str, bytes], Awaitable[tuple[str | None, str]]]
"""From a database's URL and the master key to its schema's versions, found (None: empty) and expected."""

_UNVOUCHED = frozenset({18, 19, 20, 21})
"""X509_V_ERR_… of OpenSSL: signed by itself, or by nobody whom this machine trusts."""

_PING_FAULTS = {
    "M_URL_NOT_SET": "the registration that the homeserver has read names no url",
    "M_CONNECTION_FAILED": "the homeserver cannot connect to us",
    "M_CONNECTION_TIMEOUT": "the homeserver got no answer from us in time",
    "M_BAD_STATUS": "what the homeserver reached at our url is not this bridge, or has another hs_token",
}
"""Application Service API, "Pinging": the homeserver's errors, in words."""


class Outside:
    """`check.Look` on real connections; `schema` is `bridge.ledger.inspect.schema`.

    `deadline` and `greeting` are in seconds; `trust` holds whose certificates are believed (None:
    the system's).
    """

    def __init__(
        self,
        schema: Schema,
        deadline: float = DEADLINE,
        greeting: float = GREETING,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._schema = schema
        self._deadline = deadline
        self._greeting = greeting
        self._trust = trust or ssl.create_default_context()

    async def schema(self, database: Database, master: bytes) -> tuple[str | None, str]:
        return await self._schema(database.full_url(), master)

    async def versions(self, url: str) -> list[str]:
        status, answer = await self._ask("GET", url, "/_matrix/client/versions")
        if status != 200 or not isinstance(answer.get("versions"), list):
            raise Refuse(f"{url} answers, but not as a Matrix homeserver does (HTTP {status})")
        return [str(version) for version in answer["versions"]]

    async def whoami(self, url: str, token: str) -> str:
        status, answer = await self._ask("GET", url, "/_matrix/client/v3/account/whoami", token)
        if status != 200:
            raise Refuse(f"the homeserver does not know our as_token ({answer.get('errcode') or status})")
        return str(answer.get("user_id"))

    async def known(self, url: str, token: str, user_id: str) -> bool:
        path = f"/_matrix/client/v3/profile/{quote(user_id, safe='')}"
        status, answer = await self._ask("GET", url, path, token)
        if status not in {200, 404}:
            raise Refuse(f"asked for {user_id}, the homeserver answers {answer.get('errcode') or status}")
        return status == 200

    async def ping(self, url: str, registration: Registration, listen: Listen, answer: bool) -> float:
        path = f"/_matrix/client/v1/appservice/{ID}/ping"
        if not answer:
            return await self._ping(url, path, registration)
        async with _answering(registration.hs_token, listen):
            return await self._ping(url, path, registration)

    async def _ping(self, url: str, path: str, registration: Registration) -> float:
        began = time.monotonic()
        status, answer = await self._ask(
            "POST", url, path, registration.as_token, {"transaction_id": "check"}
        )
        if status != 200:
            code = str(answer.get("errcode") or status)
            raise Refuse(_PING_FAULTS.get(code, f"the homeserver refuses to ping ({code})"))
        return float(answer.get("duration_ms", (time.monotonic() - began) * 1000))

    async def relay(self, relay: Relay) -> str:
        client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            use_tls=relay.tls == "tls",
            start_tls=relay.tls == "starttls",
            timeout=self._deadline,
        )
        did = "takes connections" + {"none": "", "starttls": " with STARTTLS", "tls": " with TLS"}[relay.tls]
        try:
            await client.connect()
            await client.ehlo()
            if relay.username is not None:
                await client.login(relay.username, relay.password() or "")
                did += " and our login"
            await client.quit()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Refuse(f"{relay.host}:{relay.port}: {type(error).__name__}: {error}") from None
        finally:
            client.close()
        return did

    def resolver(self, email: Email) -> Resolver:
        return mailwing.resolver(email)

    async def secured(self, host: str, address: str, ours: str, port: int = 25) -> Shown:
        client = aiosmtplib.SMTP(
            hostname=address, port=port, local_hostname=ours, start_tls=False, tls_context=self._trust
        )
        try:
            async with asyncio.timeout(self._greeting):
                await client.connect()
                await client.ehlo()
                if not client.supports_extension("starttls"):
                    raise Refuse("it offers no STARTTLS")
                await client.starttls(server_hostname=host)
            shown = client.get_transport_info("peercert") or {}
        except ssl.SSLCertVerificationError as error:
            if error.verify_code in _UNVOUCHED:
                return Shown(doubt=error.verify_message)
            raise Refuse(f"its certificate does not hold ({error.verify_message.rstrip('.')})") from None
        except ssl.SSLError as error:
            raise Refuse(f"TLS fails ({error.reason or type(error).__name__})") from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Retry(f"port {port} of {address} does not serve us ({type(error).__name__})") from None
        finally:
            client.close()
        return Shown(ssl.cert_time_to_seconds(shown["notAfter"]))

    async def scanner(self, scanner: Scanner) -> str:
        return await Clamd(scanner.clamd, min(scanner.timeout, self._deadline)).ping()

    async def mailbox(self, mailbox: Mailbox) -> None:
        # Without `done` and `aside`: `open` would make these folders, and a check changes nothing.
        settings = replace(mailwing.mailbox(mailbox, 0), done=None, aside=None, timeout=self._deadline)
        try:
            line = await dial(settings.host, settings.port, settings.timeout)
        except OSError as error:
            raise Refuse(f"The mail server cannot be reached ({type(error).__name__}).") from None
        await _opened(Folder(settings, line, self._trust), line)

    async def running(self, admin: Listen) -> bool:
        try:
            _, answer = await self._ask("GET", f"http://{admin}", "/health/live")
        except Refuse:
            return False
        return answer.get("live") is True

    async def free(self, listen: Listen) -> bool:
        try:
            server = await asyncio.start_server(_hang_up, listen.host, listen.port)
        except OSError:
            return False
        server.close()
        await server.wait_closed()
        return True

    async def _ask(
        self, method: str, url: str, path: str, token: str | None = None, body: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON object ({} when it is something else); `Refuse` without an answer."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        timeout = aiohttp.ClientTimeout(total=self._deadline)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.request(method, url + path, headers=headers, json=body) as response,
            ):
                raw = await response.content.read(1 << 20)
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Refuse(f"{url} does not answer ({type(error).__name__})") from None
        try:
            answer = json.loads(raw)
        except ValueError:
            answer = {}
        return status, answer if isinstance(answer, dict) else {}


async def _opened(folder: Folder, line: socket.socket) -> None:
    """Open the folder in a thread of its own, which has ended when this returns or is cancelled."""
    handle = line.dup()  # of the same connection, whatever TLS makes of `line`
    pool = ThreadPoolExecutor(1, "check-imap")
    try:
        await asyncio.get_running_loop().run_in_executor(pool, folder.open)
    finally:
        with contextlib.suppress(OSError):  # the peer was faster
            handle.shutdown(socket.SHUT_RDWR)
        handle.close()
        pool.shutdown()  # at once: there is nothing more to wait for
        folder.close()


async def _hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


@asynccontextmanager
async def _answering(hs_token: str, listen: Listen) -> AsyncIterator[None]:
    """Answer pings at `listen`, and nothing else: a transaction gets 503 and comes again later."""

    async def pinged(request: web.Request) -> web.Response:
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(sent.encode(), hs_token.encode()):
            return web.json_response({"errcode": "M_FORBIDDEN"}, status=403)
        return web.json_response({})

    async def busy(_: web.Request) -> web.Response:
        return web.json_response({"errcode": "M_UNKNOWN", "error": "not running"}, status=503)

    application = web.Application()
    application.router.add_post("/_matrix/app/v1/ping", pinged)
    application.router.add_route("*", "/{rest:.*}", busy)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, listen.host, listen.port).start()
        except OSError as error:
            raise Refuse(f"cannot listen on {listen} ({(error.strerror or 'unknown').lower()})") from None
        yield
    finally:
        await runner.cleanup()
