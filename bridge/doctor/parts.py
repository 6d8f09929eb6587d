"""What the mail wing leans on beside DNS: certificate, checks of senders, scanner, mailboxes, socket."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from cryptography import x509

from bridge.config_email import Certificate, Mailbox, Scanner, Senders
from bridge.doctor.incoming import day, ending
from bridge.doctor.row import Row
from bridge.email.certificate import Certificate as Loaded
from bridge.email.settings import KeyPair
from bridge.errors import Fate, Refuse

CERTIFICATE, SENDERS, SCANNER, MAILBOX = "email.tls", "email.senders", "email.scanner", "email.imap"
SOCKET = "email.lmtp"

_LONGEST = 107  # octets of a socket file's path (unix(7); some systems allow fewer)

_RENEW = "Renew it; the bridge reads the new files by itself"


def certificate(pair: Certificate, now: float) -> Row:
    """Whether our own doors can speak TLS, and until when; `now` in seconds since 1970."""
    try:
        Loaded(KeyPair(pair.certificate, pair.key_file))
        shown = x509.load_pem_x509_certificates(pair.certificate.read_bytes())[0]
    except Refuse as error:
        return Row(CERTIFICATE, False, error.reason, "Mend email.tls in folkmoot.yaml, or the files' rights")
    until = shown.not_valid_after_utc.timestamp()
    names = ", ".join(_names(shown)) or "no name"
    if (fault := ending(until, now)) is not None:
        return Row(CERTIFICATE, False, f"the certificate for {names} {fault}", _RENEW)
    if (start := shown.not_valid_before_utc.timestamp()) > now:
        remedy = "See whether the clock of this machine is right"
        return Row(CERTIFICATE, False, f"the certificate for {names} holds from {day(start)}", remedy)
    return Row(CERTIFICATE, True, f"for {names}, until {day(until)}")


def _names(shown: x509.Certificate) -> list[str]:
    try:
        found = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):  # ValueError: an extension that cannot be read
        return []
    return found.value.get_values_for_type(x509.DNSName)


def senders(settings: Senders, unusable: str) -> Row:
    """Who finds out who wrote a mail; `unusable` says why there is nothing to ask, "" when there is."""
    if settings.check == "none":
        remedy = "`check: own` lets the bridge find out, `check: hop` believes your mail server"
        return Row(SENDERS, None, "nobody checks who wrote a mail: every sender is unverified", remedy)
    if unusable:
        return Row(SENDERS, False, unusable, "Mend email.senders in folkmoot.yaml")
    if settings.check == "hop":
        said = f"what {settings.authserv_id} says in Authentication-Results is believed"
        return Row(SENDERS, True, said, "See that it takes away such fields that strangers write in its name")
    place = f"the records in {settings.records}" if settings.records else "name servers"
    return Row(SENDERS, True, f"the bridge checks SPF, DKIM and DMARC itself, by {place}")


async def scanner(settings: Scanner, ping: Callable[[Scanner], Awaitable[str]]) -> Row:
    """Whether the virus scanner is up."""
    try:
        return Row(SCANNER, True, f"{settings.clamd} answers: {await ping(settings)}")
    except Fate as error:
        remedy = "Start clamd, or mend email.scanner.clamd: until then mails wait"
        return Row(SCANNER, False, f"{settings.clamd}: {error.reason}", remedy)


def mailbox_name(number: int) -> str:
    """The row's name: the key in folkmoot.yaml."""
    return f"{MAILBOX}.{number}"


async def mailbox(number: int, settings: Mailbox, opens: Callable[[Mailbox], Awaitable[None]]) -> Row:
    """Whether the mailbox lets us in, and its folder opens."""
    name = mailbox_name(number)
    where = f"{settings.host}:{settings.port}"
    try:
        await opens(settings)
    except Fate as error:
        remedy = f"Mend {name} in folkmoot.yaml, or the mailbox at your mail host"
        return Row(name, False, f"{where}: {error.reason}", remedy)
    return Row(name, True, f"{where} takes our login, and {settings.folder} opens")


def socket_file(path: Path, running: bool) -> Row:
    """Whether the bridge can make its socket file, or (`running`) has made it.

    Seen with the rights of whoever asks: root may write everywhere.
    """
    folder, there = path.parent, path.is_socket()
    if len(os.fsencode(path)) > _LONGEST:
        return Row(SOCKET, False, f"{path} is too long for a socket file", "Choose a shorter path")
    if not folder.is_dir():
        remedy = f"install -d -o folkmoot -g postfix -m 2750 {folder} (with your mail server's group)"
        return Row(SOCKET, False, f"the folder {folder} does not exist", remedy)
    if not os.access(folder, os.W_OK | os.X_OK):
        remedy = (
            f"Give {folder} to the bridge's user, and check as that user; under systemd it stands in "
            "ReadWritePaths too"
        )
        return Row(SOCKET, False, f"the folder {folder} is not ours to write in", remedy)
    if path.exists() and not there:
        return Row(SOCKET, False, f"{path} is there, and is no socket file", "Move it away")
    if running and not there:
        return Row(SOCKET, False, f"{path} is not there, though a bridge runs", "Look at the bridge's log")
    return Row(SOCKET, True, f"{path} " + ("is the running bridge's" if running else "can be made"))
