"""The e-mail channel: SMTP, LMTP and mailboxes in, a pool of parsing children, the relay out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from bridge import replytoken
from bridge.channel import Accept, Arrival, Item, Outcome, Outgoing
from bridge.email import thread
from bridge.email.automatic import is_automatic
from bridge.email.compose import OutMail, compose
from bridge.email.envelope import Came, Ours
from bridge.email.imap import ImapEdge
from bridge.email.imap_folder import Imap
from bridge.email.mail import Mail
from bridge.email.quoting import Quoted
from bridge.email.scanner import Scanner
from bridge.email.sender import Sender
from bridge.email.server import Server
from bridge.email.settings import Allowance, Door, EmailSettings, Listen
from bridge.email.sift import Checker, Scanned, Sift, network
from bridge.email.signing import Signer
from bridge.email.traffic import Traffic
from bridge.errors import Broken, Refuse
from bridge.inbound import ChannelTrouble, MailIn, MailReport
from bridge.model import Attachment, Source, Trust
from bridge.points import Probe

TROUBLE = "trouble"
IMAP = "imap"
"""What a mail came by that was fetched, as the log calls it."""
NAMED = frozenset({"smime_signed", "smime_encrypted", "pgp_signed", "pgp_encrypted", "pgp_key", "tnef"})
"""Kinds of mails that staff are told of; a card or an invitation speaks for itself."""

_HOUR = 3600


class Reader(Protocol):
    """Whatever turns raw mails into `Mail`: the pool of children."""

    async def read(self, raw: bytes) -> Mail: ...


class EmailChannel:
    """Implements `bridge.channel.Channel`.

    `mailbox_known(local part)` says which mailboxes exist, asked at each RCPT; `clock` gives
    seconds since 1970.  The pool belongs to the caller, who starts and closes it.  `checker`,
    `scanner` and `signer` are None where the operator wants none; `imap` are the mailboxes
    elsewhere that are looked after.
    """

    def __init__(
        self,
        settings: EmailSettings,
        mailbox_known: Callable[[str], bool],
        pool: Reader,
        probe: Probe,
        clock: Callable[[], float],
        *,
        checker: Checker | None = None,
        scanner: Scanner | None = None,
        signer: Signer | None = None,
        imap: Sequence[Imap] = (),
    ) -> None:
        self._settings = settings
        self._known = mailbox_known
        self._pool = pool
        self._clock = clock
        self._signer = signer
        self._imap = imap
        self._sender = Sender(settings.relay, settings.domain, probe, clock)
        allowance = Allowance() if settings.listen is None else settings.listen.allowance
        self._sift = Sift(checker, scanner, allowance.trusted, self._tell, believe_spam=settings.believe_spam)
        self._traffic = Traffic(_doors(settings.listen, imap))
        self._server: Server | None = None
        self._accept: Accept | None = None
        self._telling: set[asyncio.Task[list[bool]]] = set()
        self.listening = asyncio.Event()
        """Set while the doors are open."""

    @property
    def name(self) -> Source:
        return Source.EMAIL

    @property
    def port(self) -> int:
        """The first port that is listened on; raises `RuntimeError` before `listening` is set."""
        if self._server is None:
            raise RuntimeError("not listening")
        return self._server.port

    @property
    def ports(self) -> dict[Door, int]:
        """The ports of the open doors."""
        return {} if self._server is None else self._server.ports

    def numbers(self) -> dict[str, float]:
        """How many mails came and went since the start, named as `/metrics` shows them."""
        return self._traffic.numbers()

    async def serve(self, accept: Accept) -> None:
        """Take mail until cancelled; then let commits under way finish and close the relay's lines."""
        self._accept = accept
        try:
            async with asyncio.TaskGroup() as group:
                if self._settings.listen is not None:
                    group.create_task(self._listen(self._settings.listen, accept))
                for mailbox in self._imap:
                    group.create_task(self._edge(mailbox).serve(self._fetched(accept)))
        finally:
            self._accept = None
            await self._sender.close()

    async def _listen(self, listen: Listen, accept: Accept) -> None:
        settings = self._settings
        server = Server(listen, settings.domain, settings.delimiter, self._known, accept, self._traffic)
        try:
            await server.start()
        except OSError as error:
            doors = ", ".join(str(where) for where in (listen.port, listen.smtps, listen.lmtp) if where)
            raise Refuse(
                f"email: mail cannot be listened for at {doors} ({error.strerror}): mend listen, "
                "listen_tls or lmtp in folkmoot.yaml; a port must be free, and a socket's folder must exist"
            ) from None
        self._server = server
        self.listening.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.listening.clear()
            self._server = None
            await server.close()

    def _fetched(self, accept: Accept) -> Accept:
        async def noted(arrivals: Sequence[Arrival]) -> list[bool]:
            fresh = await accept(arrivals)
            self._traffic.came(IMAP, arrivals, fresh)
            return fresh

        return noted

    def _edge(self, mailbox: Imap) -> ImapEdge:
        settings = self._settings
        ours = Ours(settings.domain, settings.delimiter, self._known)

        def arrivals(raw: bytes, recipients: Sequence[str], mail_from: str) -> list[Arrival]:
            return list(ours.sort(Came(tuple(recipients), mail_from), raw).arrivals)

        return ImapEdge(
            mailbox, arrivals, lambda address: ours.refusal(address) is None, self._tell, self._clock
        )

    def _tell(self, key: str, **values: str | int) -> None:
        """An item that says to the operators what is wrong; within an hour the same is said once."""
        if self._accept is None:
            return
        raw = json.dumps([key, {name: str(value) for name, value in sorted(values.items())}])
        arrival = Arrival(
            Source.EMAIL, TROUBLE, f"{TROUBLE} {raw} {int(self._clock()) // _HOUR}", raw.encode()
        )
        task = asyncio.ensure_future(self._accept([arrival]))
        self._telling.add(task)
        task.add_done_callback(self._told)

    def _told(self, task: asyncio.Task[list[bool]]) -> None:
        self._telling.discard(task)
        if not task.cancelled():
            task.exception()  # it could not be stored: the trouble will be met again

    # -------------------------------------------------------------- in

    async def read(self, item: Item) -> MailIn | ChannelTrouble | None:
        """The mail as its recipient's mailbox sees it.

        `references` hold the IDs it answers, the nearest first; one that pretends to be ours
        and is not has been left out.  Mail for `postmaster` comes as a mail for that mailbox.
        Raises `Retry` while the virus scanner does not answer.
        """
        if item.kind == TROUBLE:
            key, values = json.loads(item.raw)
            return ChannelTrouble(key, tuple(values.items()))
        if item.kind != "mail":
            return None
        scanned = await self._sift.scan(item)
        mail, trust = await asyncio.gather(self._pool.read(item.raw), self._sift.trust(item))
        return self._mail_in(item, mail, trust, scanned)

    async def scan(self, files: Sequence[Attachment]) -> tuple[tuple[str, ...], str]:
        """What the scanner says of files that came by another way: remarks as those of a mail, and the
        name of what was found, or "".  Raises `Retry` while it does not answer."""
        scanned = await self._sift.files(files)
        return scanned.remarks, scanned.virus

    def _mail_in(self, item: Item, mail: Mail, trust: Trust | None, scanned: Scanned) -> MailIn:
        settings = self._settings
        found = thread.split(str(item.meta.get("rcpt", "")), settings.domain, settings.delimiter)
        if found is None:
            raise Broken("A mail for an address that is not ours was accepted.")
        mailbox, token = found
        returned = None
        if token is not None and replytoken.is_return(token):
            returned, token = replytoken.returned(token, settings.secret), None
        returned = self._row_of_report(mail) if returned is None and mail.bounces else returned
        whole = _folded(mail.text) == _folded(f"{mail.words}\n{mail.folded}") and not scanned.virus
        return MailIn(
            mailbox=mailbox,
            token=token or thread.find_token(mail, mailbox, settings.domain, settings.delimiter),
            from_address=mail.from_address,
            from_name=mail.from_name,
            subject=mail.subject,
            text=mail.words,
            html=mail.html if whole else None,
            message_id=mail.message_id,
            references=self._references(mail),
            automatic=is_automatic(mail, str(item.meta.get("mail_from", "")), settings.domain),
            attachments=scanned.passed(mail.attachments),
            warnings=mail.warnings,
            trust=trust,
            folded="" if whole and mail.html else mail.folded,  # the HTML has it in its place
            remarks=(*scanned.remarks, *(f"kind_{kind}" for kind in mail.kinds if kind in NAMED)),
            invitations=mail.invitations,
            returned=returned,
            reports=tuple(MailReport(b.kind, b.permanent, b.reason, b.status) for b in mail.bounces),
            spam=self._sift.spam(item, mail),
            virus=scanned.virus,
            network=network(item),
        )

    def _row_of_report(self, mail: Mail) -> int | None:
        """The mail of ours whose signed Message-ID the report returns."""
        ids = [bounce.original_id for bounce in mail.bounces if bounce.original_id]
        own = thread.own_ids(ids, self._settings.secret, self._settings.domain)
        return thread.row_of(own[0]) if own else None

    def _references(self, mail: Mail) -> tuple[str, ...]:
        nearest = [mail.in_reply_to] if mail.in_reply_to else []
        ids = list(dict.fromkeys([*nearest, *reversed(mail.references)]))
        own = {one.lower() for one in thread.own_ids(ids, self._settings.secret, self._settings.domain)}
        ending = f"@{self._settings.domain.lower()}>"
        return tuple(one for one in ids if not one.lower().endswith(ending) or one.lower() in own)

    # -------------------------------------------------------------- out

    async def deliver(self, out: Outgoing) -> Outcome:
        """Compose the mail of an outbox row, sign it, and hand it to the relay.

        A `letter` is a mail of the bridge's own to an address that it does not know: nobody answers to
        it, but what comes back of it is heard.  Facts: `message_id`, and `answer`, the server's words
        after DATA.
        """
        if out.kind not in ("mail", "letter"):
            raise Broken("The e-mail channel delivers mails only.")
        payload, settings = out.payload, self._settings
        own = thread.message_id(out.id, out.created, settings.secret, settings.domain)
        files = [
            Attachment(str(file["name"]), str(file["mime"]), await out.load(int(file["blob"])))
            for file in payload.get("attachments", [])
        ]
        try:
            mail = self._out_mail(payload, own, out.created / 1000, files)
            path = replytoken.new_return(out.id, settings.secret)
            mail_from = thread.reply_address(payload["mailbox"], path, settings.domain, settings.delimiter)
        except KeyError as error:
            raise Broken(f"An outbox row without {error.args[0]!r}.") from None
        except ValueError:
            raise Broken("An outbox row whose mailbox or token is not one of ours.") from None
        try:
            octets = await asyncio.to_thread(self._octets, mail)
        except ValueError:
            raise Refuse("The address cannot receive mail: it is not a valid one.") from None
        silent = mail.automatic and out.kind == "mail"
        answer = await self._sender.send("" if silent else mail_from, mail.to, octets)
        self._traffic.went(out.id, own, answer)
        return Outcome({"message_id": own, "answer": answer})

    def _octets(self, mail: OutMail) -> bytes:
        octets = compose(mail)
        return octets if self._signer is None else self._signer.sign(octets)

    def _out_mail(self, payload: dict[str, Any], own: str, date: float, files: list[Attachment]) -> OutMail:
        domain, mailbox, token = self._settings.domain, payload["mailbox"], payload.get("token")
        reply_to = thread.reply_address(mailbox, token, domain, self._settings.delimiter) if token else None
        corrected, quoted = payload.get("corrected"), payload.get("quoted")
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
            signature=payload.get("signature") or "",
            quoted=Quoted(payload.get("to_name") or "", quoted["at"] / 1000, quoted["text"])
            if quoted
            else None,
            correction=bool(payload.get("correction")),
            corrected=None if corrected is None else corrected / 1000,
            unsubscribe=payload.get("unsubscribe"),
            list_id=f"{mailbox}.{domain}" if payload.get("several") else None,
        )


def _doors(listen: Listen | None, imap: Sequence[Imap]) -> list[str]:
    """What mails can come by."""
    if listen is None:
        return [IMAP] if imap else []
    opened = {
        Door.SMTP: listen.port is not None,
        Door.SMTPS: listen.smtps,
        Door.LMTP: listen.lmtp,
        IMAP: imap,
    }
    return [door for door, open_ in opened.items() if open_]


def _folded(text: str) -> list[str]:
    """The words of `text`, without the lines that only say that a signature follows."""
    return [word for word in text.split() if word != "--"]
