"""Tokens, reply addresses, our own Message-IDs, and automatic mail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email import thread
from bridge.email.automatic import is_automatic
from bridge.email.mail import Mail
from bridge.email.parse import read
from bridge.replytoken import new_token
from tests.email.mails import DOMAIN, TOKEN, mail

SECRET = b"0123456789abcdef"


@given(st.binary(min_size=16, max_size=16), st.from_regex(r"[a-z0-9-]{1,24}", fullmatch=True), st.data())
def test_a_token_comes_back_in_any_case_of_letters(random: bytes, mailbox: str, data: st.DataObject) -> None:
    token = new_token(random)
    for delimiter in ("+", "-", "="):
        address = thread.reply_address(mailbox, token, DOMAIN, delimiter)
        assert len(address.split("@")[0]) <= 64
        written = "".join(data.draw(st.sampled_from([c.lower(), c.upper()])) for c in address)
        assert thread.split(written, DOMAIN, delimiter) == (mailbox, token)


@pytest.mark.parametrize(
    ("recipient", "delimiter", "found"),
    [
        (f"park-2027@{DOMAIN}", "+", ("park-2027", None)),
        (f"PARK-2027+NEWS@{DOMAIN.upper()}", "+", ("park-2027", None)),
        (f"park-2027+{TOKEN[:-1]}@{DOMAIN}", "+", ("park-2027", None)),
        (f"park-2027-{TOKEN}@{DOMAIN}", "-", ("park-2027", TOKEN)),
        (f"park-2027@{DOMAIN}", "-", ("park-2027", None)),
        (f"park-2027@{DOMAIN}.", "+", ("park-2027", None)),
        ("Postmaster", "+", ("postmaster", None)),
        ("postmaster@elsewhere.example", "+", None),
        (f"park-2027@sub.{DOMAIN}", "+", None),
        (f"@{DOMAIN}", "+", None),
        ("park-2027", "+", None),
        ("", "+", None),
    ],
)
def test_recipients(recipient: str, delimiter: str, found: tuple[str, str | None] | None) -> None:
    assert thread.split(recipient, DOMAIN, delimiter) == found


@pytest.mark.parametrize("mailbox", ["", "Park", "a" * 25, "park+x", "pärk"])
def test_an_address_is_made_of_good_parts_only(mailbox: str) -> None:
    assert not thread.fits(mailbox, DOMAIN)
    with pytest.raises(ValueError, match="not a mailbox"):
        thread.reply_address(mailbox, TOKEN, DOMAIN)


@pytest.mark.parametrize("field", ["to", "cc", "delivered_to", "x_original_to"])
def test_a_token_is_found_where_forwarders_leave_it(field: str) -> None:
    got = read(mail(**{field: f'"x" <Park-2027+{TOKEN.upper()}@{DOMAIN}>'}))
    assert thread.find_token(got, "park-2027", DOMAIN) == TOKEN
    assert thread.find_token(got, "budget", DOMAIN) is None


def test_message_ids_are_stable_and_known_again() -> None:
    own = thread.message_id(7, 1_800_000_000_000, SECRET, DOMAIN)
    assert own == thread.message_id(7, 1_800_000_000_000, SECRET, DOMAIN)
    assert own not in {
        thread.message_id(8, 1_800_000_000_000, SECRET, DOMAIN),
        thread.message_id(7, 1_800_000_000_001, SECRET, DOMAIN),
        thread.message_id(7, 1_800_000_000_000, b"another secret!!", DOMAIN),
    }
    forged = own.replace("<7.", "<8.")
    assert thread.own_ids([forged, "<x@y>", own.upper(), own], SECRET, DOMAIN) == (own,)
    assert thread.own_ids([own], b"another secret!!", DOMAIN) == ()
    assert thread.own_ids([own], SECRET, "other.example") == ()


@pytest.mark.parametrize(
    ("field", "value", "automatic"),
    [
        ("subject", "x", False),
        ("auto_submitted", "no", False),
        ("auto_submitted", "No (comment)", False),
        ("auto_submitted", "auto-replied", True),
        ("auto_submitted", "auto-generated; x=y", True),
        ("precedence", "bulk", True),
        ("precedence", "first-class", False),
        ("list_id", "<park.lists.example>", True),
        ("list_unsubscribe", "<https://x.example>", True),
        ("x_auto_response_suppress", "OOF", True),
        ("x_autoreply", "yes", True),
        ("return_path", "<>", True),
        ("return_path", "<kim@example.org>", False),
        ("content_type", "multipart/report; report-type=delivery-status; boundary=x", True),
        ("from", "noreply@shop.example", True),
        ("from", f"Park <park-2027@{DOMAIN}>", True),
    ],
)
def test_what_a_machine_wrote(field: str, value: str, automatic: bool) -> None:
    assert is_automatic(read(mail(**{field: value})), "kim@example.org", DOMAIN) is automatic


@pytest.mark.parametrize(
    "mail_from", ["", "<>", f"park-2027+{TOKEN}@{DOMAIN.upper()}", "MAILER-DAEMON@x.example"]
)
def test_return_paths_of_machines(mail_from: str) -> None:
    assert is_automatic(Mail("kim@example.org"), mail_from, DOMAIN)
    assert not is_automatic(Mail("kim@example.org"), "kim@example.org", DOMAIN)
