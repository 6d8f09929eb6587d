"""The list of who is believed to have written a mail, item by item, from octets to the case it joins."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bridge.email.authenticate import Authenticator
from bridge.email.resolver import StaticResolver
from bridge.email.thread import reply_address
from bridge.ledger.tables import links
from bridge.model import Trust, Verdict
from bridge.points import Point
from bridge.replytoken import BYTES, is_token, new_token
from tests.email.mails import DOMAIN
from tests.email.office import ADA, PARK, Office, address_in, field_of, kinds, opened, shown
from tests.email.signed import OUTSIDE, STRANGER, ed25519_key, letter, rsa_key, sealed, zone
from tests.ledger.home import said

EVE = "eve@birch.example"


def checker(**more: Any) -> Authenticator:
    return Authenticator(StaticResolver(zone()), **more)


@pytest.fixture
async def office(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(migrated_sqlite, tmp_path, checker=checker()) as office:
        yield office


async def begun(office: Office) -> tuple[str, str]:
    """Ada has a case and an answer: its reply address, and the Message-ID of the answer."""
    await office.come(rsa_key().sign(letter("The lamp is dark.")), peer=OUTSIDE)
    answer = await office.answer("We look at it.")
    return address_in(answer, "Reply-To"), field_of(answer, "Message-ID")


# ------------------------------------------------------------------ the table

SIGNED, FORGED = rsa_key().sign, bytes


@pytest.mark.parametrize(
    ("token", "author", "sign", "peer", "joins"),
    [
        (True, ADA, SIGNED, OUTSIDE, True),  # token, the case's address, DMARC passes
        (True, ADA, FORGED, STRANGER, False),  # … its domain says reject
        (False, ADA, SIGNED, OUTSIDE, True),  # References, the case's address, aligned pass
        (False, ADA, FORGED, STRANGER, False),  # … anything else
        (True, EVE, FORGED, STRANGER, False),  # the token in another's hands
        (False, EVE, FORGED, STRANGER, False),
    ],
)
async def test_the_table_of_who_joins(
    office: Office, token: bool, author: str, sign: Any, peer: str, joins: bool
) -> None:
    """Token and address join unless disowned; References only with an aligned pass; others are locked."""
    reply_to, answer = await begun(office)
    named = {"references": answer, "from": author, "subject": "Re: Benches", "message_id": "<2@x.example>"}
    sent = await office.come(
        sign(letter("It is dark again.", **named)),
        reply_to if token else PARK,
        mail_from=EVE if peer == STRANGER else ADA,
        peer=peer,
    )
    assert shown(sent, "words") == "It is dark again."
    first, *others = await office.cases()
    assert [case.status for case in others] == ([] if joins else ["locked"])
    assert [case.claims for case in others] == ([] if joins else [first.reference])


@pytest.mark.parametrize("policy", ["v=DMARC1; p=none", ""])
async def test_the_table_without_a_policy(migrated_sqlite: str, tmp_path: Path, policy: str) -> None:
    """With the token, DMARC "none" joins; by References it is not enough."""
    no_one = Authenticator(StaticResolver(zone(policy)))
    async with opened(migrated_sqlite, tmp_path, checker=no_one) as office:
        await office.come(letter("The lamp is dark."), peer=STRANGER)
        answer = await office.answer("We look at it.")
        own = {"references": field_of(answer, "Message-ID"), "subject": "Re: Benches"}
        await office.come(letter("Again.", **own), address_in(answer, "Reply-To"), peer=STRANGER)
        assert len(await office.cases()) == 1
        await office.come(letter("And again.", **own), PARK, peer=STRANGER)
        assert [case.status for case in await office.cases()] == ["open", "locked"]


async def test_not_checked_is_no_pass(migrated_sqlite: str, tmp_path: Path) -> None:
    """*Not checked* joins with the token, and not by References."""
    async with opened(migrated_sqlite, tmp_path) as office:
        reply_to, answer = await begun(office)
        await office.come(letter("Again."), reply_to)
        assert len(await office.cases()) == 1
        await office.come(letter("And again.", references=answer), PARK)
        assert (await office.cases())[1].status == "locked"


@pytest.mark.parametrize("word", ["!join", "!apart"])
async def test_nothing_goes_out_of_a_locked_case(office: Office, word: str) -> None:
    """Marked with what it claims; no acknowledgement, no reference sent back, until `!join` or `!apart`."""
    reply_to, _ = await begun(office)
    claimed = (await office.cases())[0].reference
    sent = await office.come(letter("I am Ada.", **{"from": EVE}), reply_to, mail_from=EVE, peer=STRANGER)
    head = next(one.payload for one in sent if one.kind == "head")
    assert (head["status"], head["claims"]) == ("locked", claimed)
    root = await office.root(1)
    sent = await office.say(said("Who are you?", root))
    assert "mail" not in kinds(sent) and "not verified" in shown(sent)
    assert office.mailed(EVE) == []
    await office.say(said(word, root))
    sent = await office.say(said("Welcome.", root))
    assert len(office.mailed(EVE)) == (word == "!apart")
    if word == "!join":
        assert "mail" not in kinds(sent) and (await office.cases())[1].status == "closed"


# ------------------------------------------------------------------ SPF, DKIM, DMARC, ARC, results


async def trust(raw: bytes, mail_from: str = ADA, peer: str = STRANGER, **more: Any) -> Trust:
    records = more.pop("records", None) or zone()
    checked = Authenticator(StaticResolver(records), **more)
    return await checked.check(raw, mail_from, peer, "mail.birch.example")


@pytest.mark.parametrize(("includes", "verdict"), [(10, Verdict.VERIFIED), (11, Verdict.SUSPICIOUS)])
async def test_spf_looks_up_ten_times(includes: int, verdict: Verdict) -> None:
    """SPF: 10 look-ups, and what needs one more is no pass."""
    names = ["alder.example", *(f"n{n}.alder.example" for n in range(1, includes + 1))]
    chain = {name: {"TXT": [f"v=spf1 include:{after} -all"]} for name, after in pairwise(names)}
    chain[names[-1]] = {"TXT": [f"v=spf1 ip4:{OUTSIDE} -all"]}
    got = await trust(letter(), peer=OUTSIDE, records=zone(more=chain))
    assert got.verdict is verdict


async def test_dkim_by_ed25519_and_by_a_length() -> None:
    """DKIM: `l=` gives no trust; Ed25519 does."""
    assert (await trust(ed25519_key().sign(letter(), selector="ed"))).verdict is Verdict.VERIFIED
    assert (await trust(rsa_key().sign(letter(), length=True))).verdict is Verdict.SUSPICIOUS


async def test_dmarc_needs_the_authors_own_domain() -> None:
    """DMARC alignment: a good signature of another domain vouches for nobody."""
    other = rsa_key(number=1).sign(letter(), domain="birch.example")
    assert (await trust(other, mail_from=EVE)).verdict is Verdict.SUSPICIOUS
    assert (await trust(rsa_key().sign(letter()), mail_from=EVE)).verdict is Verdict.VERIFIED


async def test_arc_for_forwarders(monkeypatch: pytest.MonkeyPatch) -> None:
    """A forwarder is believed where the operator trusts it."""
    results = "dmarc=pass header.from=alder.example"
    raw = sealed(letter(), "list.example", rsa_key(number=2), results, monkeypatch)
    assert (await trust(raw, trusted_sealers=["list.example"])).verdict is Verdict.VERIFIED
    assert (await trust(raw)).verdict is Verdict.SUSPICIOUS


@pytest.mark.parametrize(
    ("name", "peer", "believed"),
    [
        ("mx.home.example", "127.0.0.1", True),
        ("mx.home.example", STRANGER, False),  # whoever writes our own name
        ("mx.evil.example", "127.0.0.1", False),
    ],
)
async def test_results_are_believed_of_our_own_hop_only(name: str, peer: str, believed: bool) -> None:
    """Authentication-Results only from our own authserv-id; forged ones count for nothing."""
    told = f"Authentication-Results: {name}; dmarc=pass header.from=alder.example\r\n".encode()
    got = await trust(told + letter(), mail_from=EVE, peer=peer, hop="mx.home.example")
    assert (got.verdict is Verdict.VERIFIED) is believed


# ------------------------------------------------------------------ the author


@pytest.mark.parametrize(
    "author",
    [
        f"{ADA}, {EVE}",
        f"{ADA}\r\nFrom: {EVE}",
        "",
        "Ada Citizen",
        f"citizens:{ADA};",
        f'"{ADA}" <{EVE}>',
        f"{ADA} <{EVE}>",
    ],
)
async def test_a_from_that_is_not_one_plain_author(office: Office, author: str) -> None:
    """Several or empty From, group syntax, an address inside the display name: never Ada, token or not."""
    reply_to, _ = await begun(office)
    before = len(office.sink.taken)
    raw = letter("Let me in.", **{"from": author})
    raw = raw if author else raw.replace(b"Subject", b"From:\r\nSubject", 1)
    await office.come(rsa_key().sign(raw), reply_to, peer=OUTSIDE)
    assert [case.status for case in await office.cases()][1:] == ["locked"]
    assert len(office.sink.taken) == before


async def test_reply_to_unlike_from_is_named_and_never_answered(office: Office) -> None:
    """Reply-To unlike From: staff are told, and the author is answered."""
    raw = rsa_key().sign(letter("Answer my friend.", reply_to=EVE))
    got = await trust(raw, peer=OUTSIDE)
    assert "reply_to_other" in got.reasons
    await office.come(raw, peer=OUTSIDE)
    await office.answer("We answer you.")
    assert office.mailed(EVE) == [] and len(office.mailed(ADA)) == 2


# ------------------------------------------------------------------ the token


@pytest.mark.parametrize("place", ["envelope", "To", "Cc", "Delivered-To", "X-Original-To"])
@pytest.mark.parametrize("letters", [str.lower, str.upper])
async def test_where_the_token_may_arrive(office: Office, place: str, letters: Any) -> None:
    """In To, Cc, Delivered-To or X-Original-To, and in another case of letters."""
    reply_to, _ = await begun(office)
    written = letters(reply_to)
    raw = letter("It is dark again.", subject="Re: Benches", message_id="<2@x.example>")
    if place != "envelope":
        raw = re.sub(rb"(?m)^To: .*\r\n", b"", raw)
        raw = f"{place}: <{written}>\r\n".encode() + raw
    await office.come(rsa_key().sign(raw), written if place == "envelope" else PARK, peer=OUTSIDE)
    assert len(await office.cases()) == 1


@pytest.mark.parametrize("how", [{"expires": 1}, {"revoked": True}])
async def test_a_token_that_is_no_longer_good(office: Office, how: dict[str, Any]) -> None:
    """Expired or revoked: a locked case, even for the very citizen."""
    reply_to, _ = await begun(office)
    await change_links(office, **how)
    sent = await office.come(rsa_key().sign(letter("Again.")), reply_to, peer=OUTSIDE)
    assert (await office.cases())[1].status == "locked"
    assert "no longer valid" in shown(sent)


async def change_links(office: Office, **values: Any) -> None:
    writer = office.home._writer
    assert writer is not None
    await writer.write(Point.HOUSEKEEPING, lambda conn: conn.execute(sa.update(links).values(**values)))


async def test_a_token_forwarded_to_a_stranger(office: Office) -> None:
    """Whoever was forwarded our mail and answers it, in good faith and verified, does not join."""
    reply_to, answer = await begun(office)
    raw = rsa_key(number=1).sign(
        letter("I am her neighbour.", **{"from": f"Eve <{EVE}>", "in_reply_to": answer}),
        domain="birch.example",
    )
    await office.come(raw, reply_to, mail_from=EVE, peer=STRANGER)
    ada, eve = await office.cases()
    assert (eve.status, eve.claims, eve.trust) == ("locked", ada.reference, "verified")


async def test_the_form_of_a_reply_address(office: Office) -> None:
    """At most 64 octets before the @: a slug of 24 characters, a delimiter, a version, 26 of base 32."""
    longest = reply_address("a" * 24, new_token(b"\xff" * BYTES), DOMAIN)
    assert len(longest.partition("@")[0].encode()) <= 64
    with pytest.raises(ValueError, match="not a mailbox"):
        reply_address("a" * 25, new_token(b"\xff" * BYTES), DOMAIN)
    reply_to, _ = await begun(office)
    mailbox, _, token = reply_to.partition("@")[0].partition("+")
    assert mailbox == "park-2027" and is_token(token)
    assert re.fullmatch("a[a-z2-7]{26}", token) and 26 * 5 >= 128 == BYTES * 8


async def test_only_the_digest_of_a_token_is_stored_and_it_stays_the_same(office: Office) -> None:
    """Its hash with case, participant and expiry; the same until revoked, also after a restart."""
    reply_to, _ = await begun(office)
    token = reply_to.partition("+")[2].partition("@")[0]
    (row,) = await office.home.all(links)
    (case,) = await office.cases()
    assert (row.case_id, row.participant_id, row.expires, row.revoked) == (
        case.id,
        case.participant_id,
        None,
        False,
    )
    stored = b"".join(path.read_bytes() for path in office.home.folder.glob("folkmoot.db*"))
    assert token.encode() not in stored.lower() and bytes(row.mac) in stored
    await office.home.restart()
    await office.say(said("And now?", case.root))
    assert address_in(office.sink.taken[-1], "Reply-To") == reply_to
