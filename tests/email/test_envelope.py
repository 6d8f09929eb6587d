"""Whose a mail is, without a wire."""

from __future__ import annotations

from bridge.email.envelope import Came, Ours
from tests.email.doors import BUDGET, PARK, known
from tests.email.mails import DOMAIN, TOKEN, mail

OURS = Ours(DOMAIN, "+", known)


def test_the_key_of_a_mail_stays_the_same_from_version_to_version() -> None:
    """A mail that comes again after an upgrade is known: change the keys and it is stored twice."""
    reply = f"park-2027+{TOKEN}@{DOMAIN}"
    came = Came((PARK,)), Came((reply,)), Came((BUDGET,))
    keys = [OURS.sort(one, mail()).arrivals[0].key[:16] for one in came]
    assert keys == ["12f6aef16c24a813", "50022ad5ad9f82ee", "4fa5c9d1cdf32c52"]
    assert OURS.sort(Came((PARK,)), mail(message_id="")).arrivals[0].key[:16] == "4730961731bbef4b"


def test_the_key_does_not_depend_on_who_brought_it() -> None:
    """A second path, another sender of the envelope: the same mail."""
    first = OURS.sort(Came((PARK,), "kim@example.org", "192.0.2.1", "a.example"), mail()).arrivals
    other = OURS.sort(Came((PARK.upper(),), "", "192.0.2.2", "b.example"), mail()).arrivals
    assert [one.key for one in first] == [one.key for one in other]
    meta = {"rcpt": PARK, "mail_from": "kim@example.org", "peer": "192.0.2.1", "helo": "a.example"}
    assert first[0].meta == meta


def test_each_recipient_has_its_part() -> None:
    """Two for one mailbox share an arrival; an address that is not ours has none."""
    reply = f"park-2027+{TOKEN}@{DOMAIN}"
    found = OURS.sort(Came((PARK, "kim@example.org", BUDGET, reply)), mail())
    assert [one.meta["rcpt"] for one in found.arrivals] == [BUDGET, reply]
    budget, park = (frozenset({one.key}) for one in found.arrivals)
    assert found.parts == (park, frozenset(), budget, park)


def test_a_token_that_only_the_header_knows() -> None:
    """Delivered-To and X-Original-To before To and Cc, and only a token of that mailbox."""
    for field in ("to", "cc", "delivered_to", "x_original_to"):
        raw = mail(**{field: f"park-2027+{TOKEN}@{DOMAIN}"})
        plain, token = OURS.sort(Came((PARK,)), mail()), OURS.sort(Came((PARK,)), raw)
        assert plain.arrivals[0].key != token.arrivals[0].key
        same = OURS.sort(Came((f"park-2027+{TOKEN}@{DOMAIN}",)), mail())
        assert token.arrivals[0].key == same.arrivals[0].key
        other, alone = OURS.sort(Came((BUDGET,)), raw), OURS.sort(Came((BUDGET,)), mail())
        assert other.arrivals[0].key == alone.arrivals[0].key
