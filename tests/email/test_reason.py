"""Codes and words of strange servers to the keys that staff understand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email.reason import cause


@pytest.mark.parametrize(
    ("status", "said", "code", "permanent", "reason"),
    [
        ("5.1.1", "", "5.1.1", True, "no_such_address"),
        ("5.1.2", "", "5.1.2", True, "no_such_address"),
        ("5.1.6", "", "5.1.6", True, "moved"),
        ("5.2.2", "", "5.2.2", True, "mailbox_full"),
        ("4.2.2", "", "4.2.2", False, "mailbox_full"),
        ("5.2.3", "", "5.2.3", True, "too_large"),
        ("5.3.4", "", "5.3.4", True, "too_large"),
        ("5.4.7", "", "5.4.7", True, "expired"),
        ("4.3.1", "", "4.3.1", False, "unreachable"),
        ("4.4.1", "", "4.4.1", False, "unreachable"),
        ("5.3.0", "", "5.3.0", True, "unknown"),
        ("5.5.3", "", "5.5.3", True, "refused"),
        ("5.7.26", "", "5.7.26", True, "refused"),
        ("5.0.0 (permanent failure)", "", "5.0.0", True, "unknown"),
        ("", "", "", False, "unknown"),
        ("2.0.0", "smtp; 250 ok", "", False, "unknown"),
        ("stuff", "stuff by relay.example", "", False, "unknown"),
        ("5.9.1.2", "[5.1.1.9] version 4.96.1", "", False, "unknown"),
        # a vague code gives way to the one in the words
        ("5.0.0", "smtp; 550-5.1.1 The account", "5.1.1", True, "no_such_address"),
        ("5.0.0", "smtp; 450 4.2.2 later", "4.2.2", False, "mailbox_full"),
        ("5.1.1", "smtp; 550 5.7.1 no", "5.1.1", True, "no_such_address"),
        ("", "no mailbox here (#5.1.1)", "5.1.1", True, "no_such_address"),
        # words say more than a broad code
        ("5.7.1", "smtp; 550 5.7.1 Message rejected as spam", "5.7.1", True, "spam"),
        ("5.7.1", "smtp; 554 5.7.1 Client host blocked using zen.spamhaus.org", "5.7.1", True, "spam"),
        ("5.7.606", "smtp;550 5.7.606 Access denied, banned sending IP", "5.7.606", True, "spam"),
        ("5.7.1", "smtp; 554 5.7.1 Relay access denied", "5.7.1", True, "refused"),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", "5.4.1", True, "no_such_address"),
        ("5.4.4", "X-Postfix; Host or domain name not found", "5.4.4", True, "no_such_address"),
        ("4.4.4", "X-Postfix; Host or domain name not found", "4.4.4", False, "unreachable"),
        ("5.4.300", "550 5.4.300 Message expired", "5.4.300", True, "expired"),
        ("5.2.1", "550 5.2.1 The account is disabled", "5.2.1", True, "no_such_address"),
        ("4.7.1", "451 4.7.1 Greylisted, try again later", "4.7.1", False, "unreachable"),
        ("5.0.0", "retry timeout exceeded", "5.0.0", True, "expired"),
        ("5.0.0", "Unrouteable address", "5.0.0", True, "no_such_address"),
        ("5.1.1", "X-Notes; User not listed in Domino Directory", "5.1.1", True, "no_such_address"),
        ("5.0.0", "User not listed in Domino Directory", "5.0.0", True, "no_such_address"),
        # an SMTP code alone
        ("", "550 no", "", True, "refused"),
        ("", "551 go there", "", True, "moved"),
        ("", "552 no", "", True, "mailbox_full"),
        ("", "552 message size exceeds the limit", "", True, "too_large"),
        ("", "553 no", "", True, "no_such_address"),
        ("", "421 no", "", False, "unreachable"),
        ("", "at 550.1 or [450]", "", False, "unknown"),
        # words alone
        ("", "The user has moved to a new address", "", True, "moved"),
        ("", "Message rejected", "", True, "refused"),
        ("", "Die Nachricht wurde abgelehnt", "", True, "refused"),
        ("", "Empfänger unbekannt", "", True, "no_such_address"),
        ("", "Die Adresse konnte nicht gefunden werden", "", True, "no_such_address"),
        ("", "Das Postfach des Empfängers ist leider voll", "", False, "mailbox_full"),
        ("", "Die Nachricht ist zu groß", "", True, "too_large"),
        ("", "Der Server ist nicht erreichbar", "", False, "unreachable"),
        # names are no words
        ("", "host spam.junk.example[192.0.2.1] said: 550 user unknown", "", True, "no_such_address"),
        ("", "550 <quota@spam.example>: user unknown", "", True, "no_such_address"),
        ("", "550 no; see https://antispam.example/quota", "", True, "refused"),
    ],
)
def test_causes(status: str, said: str, code: str, permanent: bool, reason: str) -> None:
    got = cause(status, said)
    assert (got.status, got.permanent, got.reason) == (code, permanent, reason)


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_words_have_a_cause(status: str, said: str) -> None:
    got = cause(status, said)
    assert got.status == "" or got.status[0] in "45"
