"""How receivers know our mails: SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489) of the domain."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from bridge.config_email import Email
from bridge.doctor.incoming import MOST, Way, outside, together
from bridge.doctor.row import Row, text_record
from bridge.email import dkimkey, dmarc, signing, spf
from bridge.email.encoded import one_line
from bridge.email.resolver import NoAnswer, Resolver
from bridge.email.spf import Envelope, Lookups
from bridge.errors import Fate
from bridge.fields import LOOPBACK

SPF, DKIM, DMARC = "SPF", "DKIM", "DMARC"

_RECORD = re.compile(rb"v=spf1(?: |\Z)", re.IGNORECASE)  # RFC 7208 section 4.5
_LONGEST = 1000  # characters of a record that are shown
_STRANGERS = ("198.51.100.77", "203.0.113.77")
"""Of networks for examples (RFC 5737): a record that lets both send lets everybody."""


# ------------------------------------------------------------------ SPF


async def spf_row(resolver: Resolver, email: Email, way: Way) -> Row:
    """Raises `NoAnswer`."""
    relay = await _relay(resolver, email)
    wanted = _wanted(email, way, relay)
    found = [text for text in await resolver.txt(email.domain) if _RECORD.match(text)]
    records = [one_line(text.decode("ascii", "replace"), _LONGEST) for text in found]
    if len(records) != 1:
        return _miscounted(email.domain, records, wanted)
    results = await _results(resolver, email.domain, (*_STRANGERS, *relay))
    if "temperror" in results.values():
        raise NoAnswer
    return _spf_judged(email, records[0], results, wanted)


async def _relay(resolver: Resolver, email: Email) -> list[str]:
    """The relay's addresses in the world; [] when it is in our own house, or not known to DNS."""
    host = email.relay.host
    if host in LOOPBACK:
        return []
    try:
        found = [str(ipaddress.ip_address(host.strip("[]")))]
    except ValueError:
        found = await resolver.addresses(host)
    return [address for address in found if outside(address)][:MOST]


def _wanted(email: Email, way: Way, relay: list[str]) -> str:
    """A record that allows the servers of the MX and our own relay.

    Where we log in, a provider sends by addresses that we do not know: others are doubted only.
    """
    if email.relay.username is not None:
        return "v=spf1 mx ~all"
    known = {address for host in way.hosts for address in host.addresses}
    others = (address for address in relay if address not in known)
    return " ".join(("v=spf1", "mx", *map(_term, others), "-all"))


def _term(address: str) -> str:
    return f"ip{ipaddress.ip_address(address).version}:{address}"


def _miscounted(domain: str, records: list[str], wanted: str) -> Row:
    line = text_record(domain, wanted)
    if not records:
        said = f"{domain} has no SPF record: anybody may send in its name"
        remedy = "Publish the line below; where a provider sends your mails, with the include: that it names"
        return Row(SPF, False, said, remedy, line)
    said = f"{domain} has {len(records)} SPF records, so that none counts (RFC 7208 section 4.5)"
    return Row(SPF, False, said, "Put one in place of them all", text_record(domain, _merged(records)))


def _merged(records: list[str]) -> str:
    """One record with the terms of all; the softest end counts, but nobody stays allowed by `+all`."""
    terms = dict.fromkeys(term for record in records for term in record.split()[1:])
    plain = [term for term in terms if not _is_end(term)]
    soft = any(term.lower() in ("~all", "?all") for term in terms)
    return " ".join(("v=spf1", *plain, "~all" if soft else "-all"))


def _is_end(term: str) -> bool:
    return term.lower().lstrip("+-~?") == "all"


async def _results(resolver: Resolver, domain: str, addresses: tuple[str, ...]) -> dict[str, str]:
    lookups = Lookups(resolver)
    envelopes = [Envelope(f"postmaster@{domain}", address, domain) for address in addresses]
    found = await together(*(spf.evaluate(lookups, envelope) for envelope in envelopes))
    return {address: one.result for address, one in zip(addresses, found, strict=True)}


def _spf_judged(email: Email, record: str, results: dict[str, str], wanted: str) -> Row:
    domain, relay = email.domain, [address for address in results if address not in _STRANGERS]
    if "permerror" in results.values():
        said = f'"{record}" cannot be evaluated: a term that is none, or more than ten look-ups'
        return Row(
            SPF, False, said, "Mend it; it may be as short as the line below", text_record(domain, wanted)
        )
    if all(results[stranger] == "pass" for stranger in _STRANGERS):
        plainly = any(term in ("all", "+all") for term in record.lower().split())
        closed = _merged([record]) if plainly else wanted
        said = f'"{record}" lets every machine send in your name'
        return Row(SPF, False, said, "Publish the line below in its place", text_record(domain, closed))
    refused = [address for address in relay if results[address] != "pass"]
    if refused and email.relay.username is not None:
        said = (
            f'"{record}" does not name {email.relay.host} ({refused[0]}), which may send by other addresses'
        )
        return Row(SPF, None, said, "See that it has the include: that your provider names")
    if refused:
        said = f'"{record}" does not allow your relay {email.relay.host} ({", ".join(refused)})'
        return Row(
            SPF,
            False,
            said,
            "Publish the line below in its place",
            text_record(domain, _with(record, refused)),
        )
    if not relay:
        remedy = "See that it allows the address by which your relay sends: that cannot be seen from here"
        return Row(SPF, True, record, remedy)
    return Row(SPF, True, f"{record} allows {email.relay.host}")


def _with(record: str, addresses: list[str]) -> str:
    """The record, with these addresses allowed: terms count from the left."""
    version, *terms = record.split()
    return " ".join((version, *map(_term, addresses), *terms))


# ------------------------------------------------------------------ DKIM


@dataclass(frozen=True, slots=True)
class Key:
    """Our own key: the name of its record, the value, and the lines that publish it."""

    name: str
    value: str
    zone: str


def key(email: Email) -> Key | Row:
    """The key that signs; a row, without a look at DNS, when there is none or it cannot."""
    if email.dkim is None:
        said = f"the bridge does not sign: your relay must, for {email.domain}"
        return Row(DKIM, None, said, "Where it does not, `folkmoot dkim-key` makes a key and says what to do")
    selector, domain = email.dkim.selector, email.domain
    try:
        pem = email.dkim.key()
        zone = signing.dns_lines(selector, domain, pem)
        return Key(signing.record_name(selector, domain), signing.record(pem), zone)
    except Fate as error:
        return Row(DKIM, False, error.reason, "Mend email.dkim.key_file; `folkmoot dkim-key` makes a new key")


async def dkim_row(resolver: Resolver, domain: str, ours: Key) -> Row:
    """Whether DNS publishes the public half of our key; raises `NoAnswer`."""
    found = await resolver.txt(ours.name)
    wrong = _key_fault(found, ours.value, domain)
    if not wrong:
        return Row(DKIM, True, f"{ours.name} publishes the key that signs")
    remedy = "Publish the lines below" + (" in its place" if found else "")
    return Row(DKIM, False, f"{ours.name} {wrong}", remedy, ours.zone)


def _key_fault(found: list[bytes], ours: str, domain: str) -> str:
    if not found:
        return "does not exist: receivers cannot check what the bridge signs"
    if len(found) > 1:
        return f"has {len(found)} records, of which receivers may take any"
    tags, own = _tags(found[0]), _tags(ours.encode("ascii"))
    if tags.get(b"p") == b"":
        return "has been revoked (its p= is empty)"
    if tags.get(b"p") != own[b"p"]:
        return "publishes another key than that of email.dkim.key_file"
    algorithm = b"ed25519-sha256" if own[b"k"] == b"ed25519" else b"rsa-sha256"
    if dkimkey.usable(found, {b"a": algorithm, b"d": domain.encode("ascii")}) is None:
        return "publishes the right key with tags that keep receivers from using it (t=y means testing)"
    return ""


def _tags(record: bytes) -> dict[bytes, bytes]:
    """The tags of a key record, without any white space (RFC 6376 section 3.2)."""
    pairs = (part.partition(b"=") for part in record.split(b";"))
    return {name.strip().lower(): b"".join(value.split()) for name, _, value in pairs}


# ------------------------------------------------------------------ DMARC


async def dmarc_row(resolver: Resolver, domain: str) -> Row:
    """The wish of the domain, or of its organisation for it; raises `NoAnswer`."""
    above = dmarc.organisation(domain)
    place, found = domain, dmarc.records(await resolver.txt(f"_dmarc.{domain}"))
    if not found and above != domain:
        place, found = above, dmarc.records(await resolver.txt(f"_dmarc.{above}"))
    if len(found) != 1:
        return _dmarc_miscounted(domain, above, place, len(found))
    policy = dmarc.policy(found, below=place != domain)
    if policy is None:
        said = f"the record at _dmarc.{place} has no p= that can be read"
        return Row(DMARC, False, said, "Publish the line below", _usual(domain, above))
    said = f"_dmarc.{place} wishes p={policy.wish} for mails that fail"
    return Row(DMARC, True, said, _FIRST if policy.wish == "none" else "")


_FIRST = (
    "p=none is for the first weeks, while you read the reports: it stops no forged mail.  "
    "When all mails of your own pass, make it p=quarantine"
)


def _dmarc_miscounted(domain: str, above: str, place: str, number: int) -> Row:
    line = _usual(domain, above)
    if number:
        said = f"_dmarc.{place} has {number} DMARC records, so that none counts (RFC 7489 section 6.6.3)"
        return Row(DMARC, False, said, f"Leave one of them at _dmarc.{place}, such as the line below", line)
    said = f"neither {domain} nor {above} has a DMARC record" if above != domain else f"{domain} has none"
    remedy = (
        "Publish the line below; p=none in it for the first weeks, while you see whether all your mails pass"
    )
    return Row(DMARC, False, said, remedy, line)


def _usual(domain: str, above: str) -> str:
    reports = f"; rua=mailto:postmaster@{above}" if above != domain else ""  # ours takes no reports
    return text_record(f"_dmarc.{domain}", f"v=DMARC1; p=quarantine{reports}")
