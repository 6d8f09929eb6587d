"""The e-mail channel: SMTP in, a pool of parsing children, the relay out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from bridge.channel import Accept, Item, Outcome, Outgoing
from bridge.email import thread
from bridge.email.automatic import is_automatic
from bridge.email.compose import OutMail, compose
from bridge.email.mail import Mail
from bridge.email.sender import Sender
from bridge.email.server import Server
from bridge.email.settings import EmailSettings
from bridge.errors import Broken, Refuse
from bridge.model import Attachment, MailIn, Source
from bridge.points import Probe


class Reader(Protocol):
    """Whatever turns raw mails into `Mail`: the pool of children."""

    async def read(self, raw: bytes) -> Mail: ...


class EmailChannel:
    """Implements `bridge.channel.Channel`.

    `mailbox_known(local part)` says which mailboxes exist, asked at each RCPT; `clock` gives
    seconds since 1970.  The pool belongs to the caller, who starts and closes it.
    """

    def __init__(
        self,
        settings: EmailSettings,
        mailbox_known: Callable[[str], bool],
        pool: Reader,
        probe: Probe,
        clock: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._known = mailbox_known
        self._pool = pool
        self._sender = Sender(settings.relay, settings.domain, probe, clock)
        self._server: Server | None = None
        self.listening = asyncio.Event()
        """Set while the port is open."""

    @property
    def name(self) -> Source:
        return Source.EMAIL

    @property
    def port(self) -> int:
        """The port that is listened on; raises `RuntimeError` before `listening` is set."""
        if self._server is None:
            raise RuntimeError("not listening")
        return self._server.port

    async def serve(self, accept: Accept) -> None:
        """Listen until cancelled; then let commits under way finish and close the relay's lines."""
        settings = self._settings
        server = Server(settings.listen, settings.domain, settings.delimiter, self._known, accept)
        await server.start()
        self._server = server
        self.listening.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.listening.clear()
            self._server = None
            await server.close()
            await self._sender.close()

    async def read(self, item: Item) -> MailIn | None:
        """The mail as its recipient's mailbox sees it.

        `references` hold the IDs it answers, the nearest first; one that pretends to be ours
        and is not has been left out.  Mail for `postmaster` comes as a mail for that mailbox.
        """
        if item.kind != "mail":
            return None
        settings = self._settings
        found = thread.split(str(item.meta.get("rcpt", "")), settings.domain, settings.delimiter)
        if found is None:
            raise Broken("A mail for an address that is not ours was accepted.")
        mailbox, token = found
        mail = await self._pool.read(item.raw)
        automatic = is_automatic(mail, str(item.meta.get("mail_from", "")), settings.domain)
        cut = mail.words != mail.text
        return MailIn(
            mailbox=mailbox,
            token=token or thread.find_token(mail, mailbox, settings.domain, settings.delimiter),
            from_address=mail.from_address,
            from_name=mail.from_name,
            subject=mail.subject,
            text=mail.words,
            html=None if cut else mail.html,
            message_id=mail.message_id,
            references=self._references(mail),
            automatic=automatic,
            attachments=mail.attachments,
            warnings=mail.warnings,
        )

    def _references(self, mail: Mail) -> tuple[str, ...]:
        nearest = [mail.in_reply_to] if mail.in_reply_to else []
        ids = list(dict.fromkeys([*nearest, *reversed(mail.references)]))
        own = {one.lower() for one in thread.own_ids(ids, self._settings.secret, self._settings.domain)}
        ending = f"@{self._settings.domain.lower()}>"
        return tuple(one for one in ids if not one.lower().endswith(ending) or one.lower() in own)

    async def deliver(self, out: Outgoing) -> Outcome:
        """Compose the mail of an outbox row and hand it to the relay.

        Facts: `message_id`, and `answer`, the server's words after DATA.
        """
        if out.kind != "mail":
            raise Broken("The e-mail channel delivers mails only.")
        payload = out.payload
        own = thread.message_id(out.id, out.created, self._settings.secret, self._settings.domain)
        files = [
            Attachment(str(file["name"]), str(file["mime"]), await out.load(int(file["blob"])))
            for file in payload.get("attachments", [])
        ]
        try:
            mail = self._out_mail(payload, own, out.created / 1000, files)
        except KeyError as error:
            raise Broken(f"An outbox row without {error.args[0]!r}.") from None
        except ValueError:
            raise Broken("An outbox row whose mailbox or token is not one of ours.") from None
        try:
            octets = await asyncio.to_thread(compose, mail)
        except ValueError:
            raise Refuse("The address cannot receive mail: it is not a valid one.") from None
        mail_from = "" if mail.automatic else mail.reply_to or mail.sender
        answer = await self._sender.send(mail_from, mail.to, octets)
        return Outcome({"message_id": own, "answer": answer})

    def _out_mail(self, payload: dict[str, Any], own: str, date: float, files: list[Attachment]) -> OutMail:
        domain, mailbox, token = self._settings.domain, payload["mailbox"], payload.get("token")
        reply_to = thread.reply_address(mailbox, token, domain, self._settings.delimiter) if token else None
        return OutMail(
            sender=f"{mailbox}@{domain}",
            to=payload["to"],
            reply_to=reply_to,
            message_id=own,
            date=date,
            subject=payload["subject"],
            text=payload["text"],
            html=payload.get("html"),
            to_name=payload.get("to_name") or "",
            from_name=payload.get("from_name") or "",
            organisation=payload.get("organisation") or "",
            reference=payload.get("reference") or "",
            title=payload.get("title") or "",
            language=payload.get("language") or "en",
            in_reply_to=payload.get("in_reply_to"),
            references=tuple(payload.get("references") or ()),
            automatic=bool(payload.get("automatic")),
            attachments=files,
        )
