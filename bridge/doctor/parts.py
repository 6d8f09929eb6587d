"""The parts beside DNS that the mail wing leans on: certificate, checks of senders, scanner, mailboxes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cryptography import x509

from bridge.config_email import Certificate, Mailbox, Scanner, Senders
from bridge.doctor.incoming import day, ending
from bridge.doctor.row import Row
from bridge.email.certificate import Certificate as Loaded
from bridge.email.settings import KeyPair
from bridge.errors import Fate, Refuse

CERTIFICATE, SENDERS, SCANNER, MAILBOX = "email.tls", "email.senders", "email.scanner", "email.imap"

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
