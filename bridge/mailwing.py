"""Puts the e-mail wing together from what the operator configured: the root's part for mail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import yaml

from bridge.config import Config
from bridge.config_email import Email, Mailbox
from bridge.directory import Directory
from bridge.email.authenticate import Authenticator
from bridge.email.channel import EmailChannel
from bridge.email.imap_folder import Imap
from bridge.email.resolver import DnsResolver, Resolver, StaticResolver
from bridge.email.scanner import Clamd
from bridge.email.settings import Address, Allowance, EmailSettings, KeyPair, Listen, Relay
from bridge.email.signing import Signer
from bridge.email.worker import Pool
from bridge.errors import Refuse
from bridge.ledger.ledger import Ledger
from bridge.points import Probe


def channel(
    config: Config,
    ledger: Ledger,
    directory: Directory,
    pool: Pool,
    probe: Probe,
    clock: Callable[[], float],
) -> EmailChannel:
    """The channel.  Raises `Refuse` when a key or a file of records cannot be used."""
    email = config.email
    relay = email.relay
    settings = EmailSettings(
        domain=email.domain,
        relay=Relay(relay.host, relay.port, relay.tls, relay.username, relay.password()),
        secret=ledger.keys.raw("message-id"),
        listen=_listen(email),
        delimiter=email.delimiter,
        believe_spam=email.limits.believe_spam_headers,
    )
    scanner = email.scanner
    return EmailChannel(
        settings,
        directory.mailbox_known,
        pool,
        probe,
        clock,
        checker=_checker(email, clock),
        scanner=None if scanner is None else Clamd(scanner.clamd, scanner.timeout, int(email.max_size)),
        signer=_signer(email),
        imap=[mailbox(one, int(email.max_size)) for one in email.imap],
    )


def _listen(email: Email) -> Listen | None:
    if not (email.listen or email.listen_tls or email.lmtp):
        return None
    smtp, smtps, lmtp, tls = email.listen, email.listen_tls, email.lmtp, email.tls
    return Listen(
        host=smtp.host if smtp else "127.0.0.1",
        port=smtp.port if smtp else None,
        max_size=int(email.max_size),
        smtps=Address(smtps.host, smtps.port) if smtps else None,
        lmtp=lmtp if lmtp is None or isinstance(lmtp, Path) else Address(lmtp.host, lmtp.port),
        tls=KeyPair(tls.certificate, tls.key_file) if tls else None,
        catch_all=email.catch_all,
        allowance=Allowance(trusted=email.limits.trusted_networks),
    )


def resolver(email: Email) -> Resolver:
    """The name servers, or the records of a site that has none; `Refuse` for a file that will not do."""
    senders = email.senders
    if senders.records is None:
        return DnsResolver(senders.nameservers)
    try:
        records = yaml.safe_load(senders.records.read_text("utf-8"))
        return StaticResolver(records if isinstance(records, dict) else {})
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise Refuse(f"{senders.records}: email.senders.records cannot be used: {error}") from None


def _checker(email: Email, clock: Callable[[], float]) -> Authenticator | None:
    senders = email.senders
    if senders.check == "none":
        return None
    return Authenticator(
        resolver(email),
        trusted_sealers=senders.trusted_sealers,
        hop=senders.authserv_id,
        own=senders.check == "own",
        clock=clock,
    )


def _signer(email: Email) -> Signer | None:
    if email.dkim is None:
        return None
    try:
        return Signer(email.domain, email.dkim.selector, email.dkim.key())
    except Refuse as error:
        raise Refuse(f"{email.dkim.key_file}: email.dkim.key_file: {error.reason}") from None


def mailbox(one: Mailbox, max_size: int) -> Imap:
    """What the edge must be told of a mailbox; mails are at most `max_size` octets."""
    return Imap(
        host=one.host,
        port=one.port,
        tls=one.tls,
        username=one.username,
        password=one.password(),
        folder=one.folder,
        done=one.done,
        aside=one.aside,
        mailbox=one.mailbox,
        max_size=max_size,
        max_age=one.max_age_days,
    )
