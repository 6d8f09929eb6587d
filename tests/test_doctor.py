"""The doctor: each fault of a mail domain is a ✗ whose lines, once published, make it a ✓."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bridge import keyfile
from bridge.doctor.incoming import MOST, Shown
from bridge.email import signing
from bridge.email.resolver import DnsResolver, StaticResolver
from bridge.errors import Refuse, Retry
from tests.town_dns import (
    DAY,
    DOMAIN,
    GOOD,
    HOST,
    NOW,
    TOWN,
    Outdoors,
    email,
    faults,
    published,
    records,
    rows,
    table,
)

ABOUT_DOMAIN = ["MX", "reverse name", "TLS of the MX", "SPF", "DKIM", "DMARC"]
RELAY: dict[str, Any] = {"host": f"relay.{TOWN}", "port": 25}


@pytest.fixture(scope="module")
def pem() -> str:
    return signing.new_key()


@pytest.fixture
def dkim(tmp_path: Path, pem: str) -> dict[str, str]:
    keyfile.write_secret(tmp_path / "dkim.pem", pem)
    return {"selector": "folkmoot-202701", "key_file": str(tmp_path / "dkim.pem")}


KEY = f"folkmoot-202701._domainkey.{DOMAIN}"


async def test_a_healthy_domain(dkim: dict[str, str], pem: str) -> None:
    world = Outdoors(StaticResolver({**GOOD, KEY: {"TXT": signing.record(pem)}}))
    found = await table(email(dkim=dkim, senders={"check": "own"}), world)
    assert list(found) == [*ABOUT_DOMAIN, "email.senders"]
    assert {row.ok for row in found.values()} == {True}
    assert [row.name for row in found.values() if row.zone] == []
    assert found["MX"].said == f"{HOST} (192.0.2.25)"
    assert found["reverse name"].said == f"192.0.2.25 is {HOST}"
    assert found["TLS of the MX"].said.endswith("until 2027-03-16")
    assert world.greeted == [(HOST, "192.0.2.25", DOMAIN)]


FAULTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("MX", {"domain": {"MX": []}}, "nobody can write to it", f"{DOMAIN}. 3600 IN MX 10 mail.{TOWN}."),
    ("MX", {"domain": {"MX": ["0 ."]}}, "takes no mail", f"{DOMAIN}. 3600 IN MX 10 mail.{TOWN}."),
    ("MX", {"domain": {"MX": ["10 gone." + TOWN]}}, f"gone.{TOWN} has no address", ""),
    ("MX", {"domain": {"MX": ["10 192.0.2.25"]}}, "192.0.2.25 has no address", ""),
    ("MX", {"domain": {"MX": [f"10 {HOST}", f"20 gone.{TOWN}"]}}, f"gone.{TOWN} has no address", ""),
    ("reverse name", {"address": None}, "192.0.2.25 has no name", ""),
    ("reverse name", {"address": {"PTR": ["pool-25.isp.test"]}}, "pool-25.isp.test, which does not", ""),
    ("SPF", {"domain": {"TXT": []}}, "anybody may send", f'{DOMAIN}. 3600 IN TXT "v=spf1 mx -all"'),
    (
        "SPF",
        {"domain": {"TXT": ["v=spf1 mx ~all", "v=spf1 ip4:192.0.2.9 mx -all"]}},
        "has 2 SPF records",
        f'{DOMAIN}. 3600 IN TXT "v=spf1 mx ip4:192.0.2.9 ~all"',
    ),
    (
        "SPF",
        {"domain": {"TXT": ["v=spf1 mx +all"]}},
        "every machine",
        f'{DOMAIN}. 3600 IN TXT "v=spf1 mx -all"',
    ),
    ("SPF", {"domain": {"TXT": ["V=SPF1 ip4:0.0.0.0/0 -all"]}}, "every machine", "v=spf1"),
    ("SPF", {"domain": {"TXT": ["v=spf1 ip4:nonsense -all"]}}, "cannot be evaluated", "v=spf1 mx -all"),
    (
        "SPF",
        {"domain": {"TXT": ["v=spf1 " + " ".join(f"a:h{n}.{TOWN}" for n in range(11)) + " -all"]}},
        "more than ten look-ups",
        "v=spf1 mx -all",
    ),
    (
        "DMARC",
        {"dmarc": None},
        f"neither {DOMAIN} nor {TOWN}",
        f'_dmarc.{DOMAIN}. 3600 IN TXT "v=DMARC1; p=quarantine; rua=mailto:postmaster@{TOWN}"',
    ),
    ("DMARC", {"dmarc": {"TXT": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]}}, "has 2 DMARC", "v=DMARC1;"),
    ("DMARC", {"dmarc": {"TXT": ["v=DMARC1; p=maybe"]}}, "no p= that can be read", "v=DMARC1;"),
]


@pytest.mark.parametrize(("name", "changes", "said", "line"), FAULTS)
async def test_a_fault_is_the_only_cross_and_what_is_published_mends_it(
    name: str, changes: dict[str, Any], said: str, line: str
) -> None:
    zone = records(**changes)
    found = await rows(zone)
    assert faults(found) == [name]
    row = found[name]
    assert said in row.said
    assert row.remedy
    assert line in row.zone
    if line:
        mended = await rows(published(zone, row.zone, lambda lines: lines.replace(f"mail.{TOWN}", HOST)))
        assert faults(mended) == []
        assert mended[name].ok is True


async def test_the_provider_is_told_the_reverse_name_in_words() -> None:
    row = (await rows(records(address=None)))["reverse name"]
    assert row.remedy.endswith(f"25.2.0.192.in-addr.arpa. 3600 IN PTR {HOST}.")


async def test_a_domain_without_an_mx_record_whose_own_address_takes_the_mails() -> None:
    found = await rows(records(domain={"MX": [], "A": ["192.0.2.25"], "TXT": ["v=spf1 a -all"]}))
    assert faults(found) == []
    assert found["MX"].ok is True
    assert found["MX"].zone == f"{DOMAIN}. 3600 IN MX 10 {DOMAIN}."


async def test_an_inner_address_has_no_reverse_name_and_is_not_connected_to() -> None:
    world = Outdoors(StaticResolver(records(host={"A": ["127.0.0.1", "10.0.0.7"]})))
    found = await table(email(), world)
    assert found["MX"].ok is True
    assert found["reverse name"].ok is found["TLS of the MX"].ok is None
    assert "from outside only" in found["TLS of the MX"].said
    assert world.greeted == []


async def test_every_address_is_looked_at_up_to_a_number() -> None:
    addresses = [f"192.0.2.{n}" for n in range(1, 40)]
    zone = records(host={"A": addresses, "AAAA": ["2001:db8::25"]})
    found = await rows(zone)
    assert found["reverse name"].said.count("has no name") == MOST
    sixth = records(host={"AAAA": ["2001:db8:0:0::25"]})
    sixth["2001:db8:0:0::25"] = {"PTR": [HOST, "other.test"]}
    assert (await rows(sixth))["reverse name"].ok is True


# ------------------------------------------------------------------ SPF and the relay


async def test_a_relay_of_our_own_must_be_allowed() -> None:
    zone = records() | {RELAY["host"]: {"A": ["192.0.2.80"]}}
    settings = email(relay=RELAY)
    row = (await rows(zone, settings))["SPF"]
    assert row.ok is False
    assert "192.0.2.80" in row.said
    assert row.zone == f'{DOMAIN}. 3600 IN TXT "v=spf1 ip4:192.0.2.80 mx -all"'
    row = (await rows(published(zone, row.zone), settings))["SPF"]
    assert (row.ok, row.remedy) == (True, "")
    row = (await rows(records(domain={"TXT": []}), email(relay={"host": "192.0.2.80"})))["SPF"]
    assert row.zone == f'{DOMAIN}. 3600 IN TXT "v=spf1 mx ip4:192.0.2.80 -all"'


async def test_a_provider_that_wants_a_login_may_send_by_other_addresses(tmp_path: Path) -> None:
    keyfile.write_secret(tmp_path / "relay.password", "word\n")
    login = {"tls": "starttls", "username": "alder", "password_file": str(tmp_path / "relay.password")}
    zone = records() | {RELAY["host"]: {"A": ["192.0.2.80"]}}
    row = (await rows(zone, email(relay={**RELAY, **login})))["SPF"]
    assert row.ok is None
    assert "include:" in row.remedy
    row = (await rows(zone | {DOMAIN: {}}, email(relay={**RELAY, **login})))["SPF"]
    assert row.zone.endswith('"v=spf1 mx ~all"'), "who is not known to send is doubted, not refused"
    assert "include:" in row.remedy


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "postfix"])
async def test_of_a_relay_in_our_own_house_it_is_said_what_to_look_at(host: str) -> None:
    row = (await rows(records(), email(relay={"host": host})))["SPF"]
    assert row.ok is True
    assert "cannot be seen from here" in row.remedy


async def test_what_dns_says_reaches_no_terminal_as_it_is() -> None:
    row = (await rows(records(domain={"TXT": ["v=spf1 mx \x1b[2J\u202e\r\n -all"]})))["SPF"]
    assert row.said.isprintable()


# ------------------------------------------------------------------ DKIM


@pytest.mark.parametrize(
    ("published_key", "said"),
    [
        ([], "does not exist"),
        (["{ours}", "{other}"], "has 2 records"),
        (["{other}"], "another key"),
        (["v=DKIM1; k=rsa; p="], "revoked"),
        (["{ours}; t=y"], "keep receivers from using it"),
        (["hello"], "another key"),
    ],
)
async def test_the_record_must_be_the_public_half_of_the_key(
    dkim: dict[str, str], pem: str, published_key: list[str], said: str
) -> None:
    values = {"ours": signing.record(pem), "other": OTHER}
    zone = records() | {KEY: {"TXT": [text.format(**values) for text in published_key]}}
    found = await rows(zone, email(dkim=dkim))
    assert faults(found) == ["DKIM"]
    assert said in found["DKIM"].said
    assert found["DKIM"].zone == signing.dns_lines("folkmoot-202701", DOMAIN, pem)
    emptied = zone | {KEY: {"TXT": []}}
    mended = await rows(published(emptied, found["DKIM"].zone), email(dkim=dkim))
    assert mended["DKIM"].ok is True


OTHER = signing.record(signing.new_key("ed25519"))


async def test_an_ed25519_key_and_a_record_that_is_written_otherwise(tmp_path: Path) -> None:
    pem = signing.new_key("ed25519")
    keyfile.write_secret(tmp_path / "ed.pem", pem)
    settings = email(dkim={"selector": "ed", "key_file": str(tmp_path / "ed.pem")})
    key = signing.record(pem).partition("p=")[2]
    zone = records() | {f"ed._domainkey.{DOMAIN}": {"TXT": f"k=ed25519;  p={key[:9]} {key[9:]} ;"}}
    assert (await rows(zone, settings))["DKIM"].ok is True


async def test_without_a_key_the_relay_must_sign() -> None:
    row = (await rows(records()))["DKIM"]
    assert row.ok is None
    assert DOMAIN in row.said
    assert "folkmoot dkim-key" in row.remedy


async def test_a_key_that_cannot_sign_is_a_fault_even_where_there_is_no_dns(tmp_path: Path) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())  # receivers check RSA and Ed25519
    pem = curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    keyfile.write_secret(tmp_path / "dkim.pem", pem)
    settings = {"dkim": {"selector": "s", "key_file": str(tmp_path / "dkim.pem")}}
    for domain in (DOMAIN, "consult.alder.example"):
        found = await table(email(**settings, domain=domain), Outdoors())
        assert faults(found) == ["DKIM"]


# ------------------------------------------------------------------ DMARC


async def test_the_organisation_speaks_for_its_subdomain() -> None:
    zone = records(dmarc=None) | {f"_dmarc.{TOWN}": {"TXT": ["v=DMARC1; p=reject; sp=none"]}}
    row = (await rows(zone))["DMARC"]
    assert row.ok is True
    assert row.said == f"_dmarc.{TOWN} wishes p=none for mails that fail"


async def test_a_wish_of_none_is_for_the_first_weeks() -> None:
    row = (await rows(records(dmarc={"TXT": ["v=DMARC1; p=none"]})))["DMARC"]
    assert (row.ok, row.zone) == (True, "")
    assert "first weeks" in row.remedy
    row = (await rows(records(dmarc={"TXT": ["v=DMARC1; p=quarantine"]})))["DMARC"]
    assert row.remedy == ""


async def test_reports_are_not_sent_to_the_bridge_itself() -> None:
    row = (await rows({}, email(domain=TOWN)))["DMARC"]
    assert row.zone == f'_dmarc.{TOWN}. 3600 IN TXT "v=DMARC1; p=quarantine"'


# ------------------------------------------------------------------ TLS, mail hosts


@pytest.mark.parametrize(
    ("shown", "ok", "said"),
    [
        (Refuse("it offers no STARTTLS"), False, "no STARTTLS"),
        (Retry("port 25 does not serve us"), None, "could not be looked at"),
        (Shown(doubt="self-signed certificate"), None, "nobody vouches for it"),
        (Shown(NOW + 13 * DAY), False, "ends on 2027-01-28"),
        (Shown(NOW - DAY), False, "ended on 2027-01-14"),
        (Shown(NOW + 15 * DAY), True, "until 2027-01-30"),
    ],
)
async def test_what_the_mail_server_shows(shown: Shown | Exception, ok: bool | None, said: str) -> None:
    row = (await table(email(), Outdoors(shown=shown)))["TLS of the MX"]
    assert row.ok is ok
    assert said in row.said
    assert bool(row.remedy) is (ok is not True)


async def test_the_worst_of_several_servers_counts() -> None:
    class Mixed(Outdoors):
        async def secured(self, host: str, address: str, ours: str) -> Shown:
            if host == HOST:
                raise Retry("silent")
            raise Refuse("it offers no STARTTLS")

    zone = records(domain={"MX": [f"10 {HOST}", f"20 second.{TOWN}"]})
    zone[f"second.{TOWN}"] = {"A": ["192.0.2.26"]}
    row = (await table(email(), Mixed(StaticResolver(zone))))["TLS of the MX"]
    assert row.ok is False
    assert f"second.{TOWN}" in row.said


@pytest.fixture
def mailboxes(tmp_path: Path) -> dict[str, Any]:
    keyfile.write_secret(tmp_path / "imap.password", "word\n")
    one = {"host": f"imap.{TOWN}", "username": "inbox", "password_file": str(tmp_path / "imap.password")}
    return {"listen": None, "imap": [one, {**one, "folder": "Citizens"}]}


async def test_the_server_of_a_mail_host_is_the_hosts_to_mend(mailboxes: dict[str, Any]) -> None:
    world = Outdoors(StaticResolver(records(address=None)), shown=Refuse("it offers no STARTTLS"))
    found = await table(email(**mailboxes), world)
    assert faults(found) == []
    assert "fetches them by IMAP" in found["MX"].said
    for name in ("reverse name", "TLS of the MX"):
        assert found[name].ok is None
        assert "at your mail host" in found[name].said


async def test_each_mailbox_has_its_row(mailboxes: dict[str, Any]) -> None:
    found = await table(email(**mailboxes), Outdoors())
    assert found["email.imap.0"].said == f"imap.{TOWN}:993 takes our login, and INBOX opens"
    assert found["email.imap.1"].ok is True
    found = await table(email(**mailboxes), Outdoors(box=Retry("The mail server refuses our login.")))
    assert faults(found) == ["email.imap.0", "email.imap.1"]
    assert "refuses our login" in found["email.imap.1"].said


# ------------------------------------------------------------------ scanner, senders


async def test_the_scanner() -> None:
    settings = email(scanner={"clamd": "127.0.0.1:3310"})
    row = (await table(settings, Outdoors()))["email.scanner"]
    assert (row.ok, row.said) == (True, "127.0.0.1:3310 answers: ClamAV 1.4.6")
    row = (await table(settings, Outdoors(virus=Retry("The virus scanner does not answer."))))[
        "email.scanner"
    ]
    assert row.ok is False
    assert row.remedy


@pytest.mark.parametrize(
    ("senders", "ok", "said"),
    [
        ({"check": "none"}, None, "unverified"),
        ({"check": "own"}, True, "itself"),
        ({"check": "hop", "authserv_id": HOST}, True, f"what {HOST} says"),
    ],
)
async def test_who_checks_senders(senders: dict[str, str], ok: bool | None, said: str) -> None:
    row = (await table(email(senders=senders), Outdoors()))["email.senders"]
    assert row.ok is ok
    assert said in row.said


# ------------------------------------------------------------------ what cannot be looked at


@pytest.mark.parametrize(
    "domain",
    ["consult.alder.example", "alder.test", "a.invalid", "localhost", "mail.localhost", "town.example.org"],
)
async def test_an_examples_domain_is_not_looked_up(domain: str) -> None:
    everything = {DOMAIN, domain, f"_dmarc.{domain}"}
    found = await table(email(domain=domain), Outdoors(StaticResolver({}, silent=everything)))
    assert [row.ok for row in found.values()] == [None] * 7
    assert "is an example's domain" in found["MX"].said


async def test_silent_name_servers_are_no_fault_of_the_domain(dkim: dict[str, str]) -> None:
    for silent in (DOMAIN, HOST, f"_dmarc.{DOMAIN}", KEY, "192.0.2.25"):
        world = Outdoors(StaticResolver(records() | {KEY: {"TXT": OTHER}}, silent=[silent]))
        found = await table(email(dkim=dkim), world)
        assert set(faults(found)) <= {"DKIM"}
        dumb = [row for row in found.values() if "the name servers do not answer" in row.said]
        assert dumb
        assert {row.ok for row in dumb} == {None}


async def test_a_site_without_name_servers(tmp_path: Path) -> None:
    (tmp_path / "records.yaml").write_text("{}\n")
    senders = {"check": "own", "records": str(tmp_path / "records.yaml")}
    found = await table(email(senders=senders), Outdoors(StaticResolver({})))
    assert faults(found) == []
    assert "email.senders.records" in found["SPF"].said
    assert found["email.senders"].ok is True


@pytest.mark.parametrize(("check", "ok"), [("own", False), ("none", None)])
async def test_no_usable_name_server_is_a_fault_of_what_needs_one(check: str, ok: bool | None) -> None:
    world = Outdoors(dns=Refuse("No usable name server: give the IP address of one."))
    found = await table(email(senders={"check": check}), world)
    assert {found[name].ok for name in ABOUT_DOMAIN} == {None}
    assert found["email.senders"].ok is ok


async def test_the_examination_ends_in_time_and_leaves_nothing_running() -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, ("127.0.0.1", 0))
    try:
        port = transport.get_extra_info("sockname")[1]
        world = Outdoors(dns=DnsResolver(["127.0.0.1"], timeout=30, port=port), hang=True)
        began = loop.time()
        found = await table(email(scanner={"clamd": "127.0.0.1:3310"}), world, seconds=0.3)
        assert loop.time() - began < 5
    finally:
        transport.close()
    for name in ("MX", "SPF", "DMARC", "email.scanner"):
        assert found[name].ok is None
        assert "no answer within" in found[name].said
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_fault_of_our_own_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        await table(email(scanner={"clamd": "127.0.0.1:3310"}), Outdoors(virus=ZeroDivisionError()))
    assert asyncio.all_tasks() == {asyncio.current_task()}
