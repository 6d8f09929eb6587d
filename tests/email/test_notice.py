"""Bounces in plain words, as servers write them that know no delivery-status."""

from __future__ import annotations

import time

import pytest

from bridge.email.bounce import classify
from tests.email.mails import multipart
from tests.email.reports import DAEMON, HEADERS, OURS, TEXT, words

COPY = f"Return-Path: <park-2027@consult.alder.example>\n{HEADERS}\nDear citizen, write to kim@home.example\n"

QMAIL = words(
    "Hi. This is the qmail-send program at mx.birch.example.\n"
    "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
    "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
    "<ada@home.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
    f"--- Below this line is a copy of the message.\n\n{COPY}"
)
EXIM = words(
    "This message was created automatically by mail delivery software.\n\n"
    "A message that you sent could not be delivered to one or more of its\n"
    "recipients. This is a permanent error. The following address(es) failed:\n\n"
    "  ada@home.example\n    SMTP error from remote mail server after RCPT TO:<ada@home.example>:\n"
    "    host mx.home.example [192.0.2.7]: 552 5.2.2 mailbox is over quota\n\n"
    f"------ This is a copy of the message, including all the headers. ------\n\n{COPY}",
    subject="Mail delivery failed: returning message to sender",
    x_failed_recipients="ada@home.example",
)
EXIM_LATE = words(
    "This message was created automatically by mail delivery software.\n"
    "A message that you sent has not yet been delivered to one or more of its\n"
    "recipients after more than 24 hours on the queue.\n\n"
    f"Message-ID: {OURS}\n"
    "The address to which the message has not yet been delivered is:\n\n  ada@home.example\n"
    "    Delay reason: connection timed out\n\nNo action is required on your part.\n",
    subject="Warning: message 1abcde-000123-AB delayed 24 hours",
)
SENDMAIL = words(
    "The original message was received at Mon, 4 Jan 2027 10:00:00 +0100\n\n"
    "   ----- The following addresses had permanent fatal errors -----\n<ada@home.example>\n\n"
    "   ----- Transcript of session follows -----\n... while talking to mx.home.example.:\n"
    ">>> RCPT To:<ada@home.example>\n<<< 550 5.7.1 Mail from your network is blocked using a block list\n"
    f"550 <ada@home.example>... Service unavailable\n\n   ----- Original message follows -----\n\n{COPY}",
    subject="Returned mail: Service unavailable",
)
YAHOO = words(
    "Message from yahoo.example.\n"
    "Unable to deliver message to the following address(es).\n\n<ada@home.example>:\n"
    "This user doesn't have a yahoo.example account (ada@home.example) [0]\n\n"
    f"--- Original message follows.\n\n{COPY}",
    sender="MAILER-DAEMON@yahoo.example",
)
GMAIL = words(
    "Delivery to the following recipient failed permanently:\n\n     ada@home.example\n\n"
    "Technical details of permanent failure:\n"
    "The error that the other server returned was: 550 550 5.1.1 unknown user\n\n"
    f"----- Original message -----\n\n{COPY}",
    sender="Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
    subject="Delivery Status Notification (Failure)",
)
GERMAN = words(
    "Diese Nachricht wurde automatisch erzeugt.\n\n"
    "Ihre Nachricht konnte an folgende Adresse nicht zugestellt werden:\n\n"
    "<ada@rat-haus.example>:\nDas Postfach des Empfängers ist voll.\n\n"
    f"--- Es folgt eine Kopie der Nachricht.\n\n{COPY}",
    subject="Unzustellbare Nachricht",
)
GERMAN_UNKNOWN = words(
    "Leider konnten wir Ihre E-Mail nicht zustellen.\n\nEmpfänger: ada@rat-haus.example\n"
    f"Grund: Benutzer unbekannt\n\n-----Ursprüngliche Nachricht-----\n{COPY}",
    sender="Mail-Zustellsystem <system@rat-haus.example>",
    subject="Unzustellbar: Bänke".encode().decode("latin-1"),
)
DOMINO_GERMAN = words(
    "Ihr Dokument:  Benches\nwurde nicht zugestellt an:  \n    ada@rat-haus.example\n"
    "aufgrund von:  Der Benutzer wurde nicht gefunden\n",
    sender="Postmaster@birch.example",
    subject="ZUSTELLFEHLER",
    in_reply_to=OURS,
)


@pytest.mark.parametrize(
    ("raw", "recipient", "kind", "permanent", "status", "reason"),
    [
        (QMAIL, "ada@home.example", "failed", True, "5.1.1", "no_such_address"),
        (EXIM, "ada@home.example", "failed", True, "5.2.2", "mailbox_full"),
        (EXIM_LATE, "ada@home.example", "delayed", False, "", "unreachable"),
        (SENDMAIL, "ada@home.example", "failed", True, "5.7.1", "spam"),
        (YAHOO, "ada@home.example", "failed", True, "", "no_such_address"),
        (GMAIL, "ada@home.example", "failed", True, "5.1.1", "no_such_address"),
        (GERMAN, "ada@rat-haus.example", "failed", False, "", "mailbox_full"),
        (GERMAN_UNKNOWN, "ada@rat-haus.example", "failed", True, "", "no_such_address"),
        (DOMINO_GERMAN, "ada@rat-haus.example", "failed", True, "", "no_such_address"),
    ],
)
def test_the_words_of_the_usual_servers(
    raw: bytes, recipient: str, kind: str, permanent: bool, status: str, reason: str
) -> None:
    (got,) = classify(raw)
    assert (got.recipient, got.original_id) == (recipient, OURS)
    assert (got.kind, got.permanent, got.status, got.reason) == (kind, permanent, status, reason)


def test_each_address_has_the_words_that_follow_it() -> None:
    raw = words(
        "Hi. This is the qmail-send program at mx.birch.example.\nI was not able to deliver it.\n\n"
        "<ada@home.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        "<bo@home.example>:\nConnected, but 552 the mailbox is full\n"
    )
    assert [(one.recipient, one.reason) for one in classify(raw)] == [
        ("ada@home.example", "no_such_address"),
        ("bo@home.example", "mailbox_full"),
    ]


def test_a_text_of_html_and_one_in_parts() -> None:
    html = "<p>Delivery to the following recipient failed:</p><p>ada@home.example</p><p>550 unknown user</p>"
    (got,) = classify(words(html, content_type="text/html; charset=utf-8"))
    assert (got.recipient, got.reason) == ("ada@home.example", "no_such_address")
    text = "Your message was not delivered:\n\n<ada@home.example>: 550 user unknown\n"
    returned = f"Content-Type: message/rfc822\n\n{COPY}"
    (got,) = classify(multipart("mixed", TEXT + text, returned, **{"from": DAEMON, "subject": "Failure"}))
    assert (got.recipient, got.original_id) == ("ada@home.example", OURS)


def test_postmasters_and_the_ends_of_the_notice_did_not_fail() -> None:
    raw = words(
        "Your message could not be delivered.\npostmaster@birch.example\nMAILER-DAEMON@mx.birch.example\n"
        "park-2027@consult.alder.example\n",
        to="Park <park-2027@consult.alder.example>",
    )
    assert classify(raw) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"sender": "Ada Citizen <ada@home.example>"},
        {"sender": "Ada Citizen <ada@home.example>", "return_path": "<>", "subject": "My mail came back"},
        {"sender": "Ada Citizen <ada@postmaster.example>"},
        {"subject": "Fwd: failure notice"},
        {"subject": "AW: Unzustellbar"},
        {"sender": "ada@home.example", "subject": "Automatic reply: Undeliverable", "return_path": "<>"},
    ],
)
def test_a_person_who_speaks_of_a_bounce_is_a_person(fields: dict[str, str]) -> None:
    text = "Delivery to the following recipient failed permanently:\n\n     bo@home.example\n"
    assert [one.recipient for one in classify(words(text))] == ["bo@home.example"]
    assert classify(words(text, **fields)) == []


def test_a_server_that_speaks_of_no_failure() -> None:
    assert classify(words("Your storage grows, , kim@home.example, writes.\n", subject="Report")) == []


@pytest.mark.parametrize(
    "sender", [" ", "<>", ",", "(", '"', "a@b@c", "ü@ü", "Mail Delivery System <>", "@yale.edu"]
)
def test_a_notice_without_a_sender_is_read(sender: str) -> None:
    text = "Your message was not delivered to:\n\nbo@home.example\n"
    for failed in ("Bo <bo@home.example>, ü@x.example, ,", "junk"):
        raw = words(text, sender=sender, x_failed_recipients=failed)
        assert [one.recipient for one in classify(raw)] == ["bo@home.example"]


def test_a_subject_of_delay_is_a_delay_whatever_the_words() -> None:
    text = "Your message was not delivered to:\n\nbo@home.example\n550 5.1.1 unknown\n"
    (got,) = classify(words(text, subject="Delivery delayed"))
    assert (got.kind, got.permanent, got.status) == ("delayed", False, "5.1.1")


def test_addresses_in_the_returned_mail_did_not_fail() -> None:
    text = "Ihre Nachricht konnte nicht zugestellt werden:\n\nada@rat-haus.example\n\n"
    raw = words(f"{text}--- Kopie der Nachricht ---\n{HEADERS}\nkim@home.example\n", subject="Fehler")
    assert [(one.recipient, one.original_id) for one in classify(raw)] == [("ada@rat-haus.example", OURS)]


def test_silent_mail_under_a_subject_of_failure_is_from_a_server() -> None:
    text = "Your message was not delivered to:\n\nbo@home.example\n"
    raw = words(text, sender="relay@home.example", subject="Undeliverable: Benches", return_path="<>")
    assert [one.recipient for one in classify(raw)] == ["bo@home.example"]


@pytest.mark.parametrize(
    "filler",
    ["a", "a ", "a@", "<", "user ", "\n", "a@b.example\n", "--- ", "-", "=\n", "to:", "\t", "not deliver "],
)
def test_hostile_words_cost_little(filler: str) -> None:
    starts = (
        "Your message\nMessage from yahoo.example\nundeliverable to \nfailed addresses follow:\n"
        "Delivery to the following recipients failed\nA message that you sent could not be delivered\n"
        "Did not reach the following recipient\nhere is your list of failed recipients\n"
    )
    raw = words(starts + filler * (500_000 // len(filler)))
    begun = time.process_time()
    assert len(classify(raw)) <= 100
    assert time.process_time() - begun < 0.5
