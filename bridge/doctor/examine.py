"""The examination: every question at once, none longer than all together may take.

    email.domain ─┬─> where mails go ─┬─> MX    reverse name    TLS of the MX
                  │                   └─> SPF
                  ├─> DKIM
                  └─> DMARC
    email.tls, .senders, .scanner, .imap ─> a row each

What cannot be found out – name servers that are silent, a site without any, a domain that
exists in examples only – is no fault.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from bridge.config_email import Email, Mailbox, Scanner
from bridge.doctor import incoming, parts, vouching
from bridge.doctor.incoming import Shown
from bridge.doctor.row import Row
from bridge.email.resolver import NoAnswer, Resolver
from bridge.errors import Refuse

SECONDS = 20.0
"""For the whole examination."""

DOMAIN = (incoming.MX, incoming.REVERSE, incoming.TLS, vouching.SPF, vouching.DKIM, vouching.DMARC)
"""The rows about the domain, which are always there."""

_INVENTED = frozenset({"example", "test", "invalid", "localhost"})  # RFC 2606 section 2, RFC 6761
_INVENTED_TOO = frozenset({"example.com", "example.net", "example.org"})  # RFC 2606 section 3

T = TypeVar("T")
_Asked = Row | asyncio.Task[Row]


class _Start(Protocol):
    """Begins a question; whoever calls ends it."""

    def __call__(self, one: Coroutine[Any, Any, T]) -> asyncio.Task[T]: ...


class Look(Protocol):
    """What the doctor needs of the world.  Nothing is changed, and no mail is sent."""

    def resolver(self, email: Email) -> Resolver:
        """Who answers for DNS; `Refuse` when what the configuration names cannot be used."""
        ...

    async def secured(self, host: str, address: str, ours: str) -> Shown:
        """What the mail server `host` shows after STARTTLS at `address`, greeted as `ours`.

        `Refuse`: no STARTTLS, or a certificate that does not hold.  `Retry`: it was not reached.
        """
        ...

    async def scanner(self, scanner: Scanner) -> str:
        """The version of the virus scanner; a `Fate` when it does not answer."""
        ...

    async def mailbox(self, mailbox: Mailbox) -> None:
        """Log in and open the folder; a `Fate` says what keeps us out."""
        ...


async def examine(
    email: Email, look: Look, clock: Callable[[], float] = time.time, seconds: float = SECONDS
) -> list[Row]:
    """The rows, after at most `seconds`; `clock` gives seconds since 1970.  Nothing runs on afterwards."""
    running: list[asyncio.Task[Any]] = []

    def start(one: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        running.append(asyncio.create_task(one))
        return running[-1]

    try:
        asked = _asked(email, look, clock(), start)
        tasks = [one for one in asked.values() if not isinstance(one, Row)]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        return [one if isinstance(one, Row) else _answer(name, one, seconds) for name, one in asked.items()]
    finally:
        await _ended(running)


def _asked(email: Email, look: Look, now: float, start: _Start) -> dict[str, _Asked]:
    """The questions that can be put, and the rows that need none."""
    unusable = ""
    asked: dict[str, _Asked]
    try:
        resolver = look.resolver(email)
    except Refuse as error:
        unusable = error.reason
        asked = _unasked(email, unusable)
    else:
        why = _needless(email)
        asked = _unasked(email, why) if why else _domain(email, resolver, look, now, start)
    if email.tls is not None:
        asked[parts.CERTIFICATE] = parts.certificate(email.tls, now)
    asked[parts.SENDERS] = parts.senders(email.senders, unusable)
    if email.scanner is not None:
        asked[parts.SCANNER] = start(parts.scanner(email.scanner, look.scanner))
    for number, one in enumerate(email.imap):
        asked[parts.mailbox_name(number)] = start(parts.mailbox(number, one, look.mailbox))
    return asked


def _unasked(email: Email, why: str) -> dict[str, _Asked]:
    rows = {name: Row(name, None, f"could not be looked at: {why}") for name in DOMAIN}
    key = vouching.key(email)  # whether it can sign is seen without DNS
    return {**rows, vouching.DKIM: key} if isinstance(key, Row) else {**rows}


def _needless(email: Email) -> str | None:
    """Why it would be of no use to ask the name servers."""
    if email.senders.records is not None:
        return "this site asks no name servers (email.senders.records)"
    name = email.domain.split(".")
    if name[-1] in _INVENTED or ".".join(name[-2:]) in _INVENTED_TOO:
        return f"{email.domain} is an example's domain"
    return None


def _domain(email: Email, resolver: Resolver, look: Look, now: float, start: _Start) -> dict[str, _Asked]:
    way = start(incoming.find(resolver, email.domain))
    hosted, key = bool(email.imap), vouching.key(email)

    async def secured(host: str, address: str) -> Shown:
        return await look.secured(host, address, email.domain)

    async def mx() -> Row:
        return incoming.mx(await way, hosted)

    async def reverse() -> Row:
        return _whose(await incoming.reverse(resolver, await way), hosted)

    async def tls() -> Row:
        return _whose(await incoming.tls(secured, await way, now), hosted)

    async def spf() -> Row:
        return await vouching.spf_row(resolver, email, await way)

    return {
        incoming.MX: start(mx()),
        incoming.REVERSE: start(reverse()),
        incoming.TLS: start(tls()),
        vouching.SPF: start(spf()),
        vouching.DKIM: key if isinstance(key, Row) else start(vouching.dkim_row(resolver, email.domain, key)),
        vouching.DMARC: start(vouching.dmarc_row(resolver, email.domain)),
    }


def _whose(row: Row, hosted: bool) -> Row:
    """A fault of a mail host's server is for the host to mend, not for us."""
    if row.ok is not False or not hosted:
        return row
    return replace(
        row, ok=None, said=f"{row.said} (at your mail host)", remedy=f"Tell the host.  {row.remedy}"
    )


def _answer(name: str, task: asyncio.Task[Row], seconds: float) -> Row:
    if not task.done():
        return Row(name, None, f"could not be looked at: no answer within {seconds:.0f} s")
    try:
        return task.result()
    except NoAnswer:
        return Row(name, None, "could not be looked at: the name servers do not answer")


async def _ended(running: Iterable[asyncio.Task[Any]]) -> None:
    tasks = list(running)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
