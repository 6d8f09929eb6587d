"""Reports that machines wrote for machines: who failed, who waits, who complained."""

from __future__ import annotations

import os
import time
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email.bounce import Bounce, classify
from tests.email import reports
from tests.email.mails import mail, multipart
from tests.email.reports import ONLY_HEADERS, OURS, RETURNED, TEXT, dsn, status

FAILED = "Final-Recipient: rfc822; ada@home.example\nAction: failed\nStatus: 5.1.1"


@pytest.mark.parametrize(
    ("raw", "kind", "permanent", "code", "reason"),
    [
        (reports.POSTFIX, "failed", True, "5.1.1", "no_such_address"),
        (reports.POSTFIX_GIVES_UP, "failed", False, "4.4.1", "unreachable"),
        (reports.EXIM, "failed", True, "5.2.2", "mailbox_full"),
        (reports.EXCHANGE, "failed", True, "5.1.10", "no_such_address"),
        (reports.OFFICE365_EDGE, "failed", True, "5.4.1", "no_such_address"),
        (reports.EXCHANGE_GERMAN, "failed", True, "5.2.2", "mailbox_full"),
        (reports.GMAIL, "failed", True, "5.7.1", "spam"),
        (reports.GMAIL_LATE, "delayed", False, "4.4.1", "unreachable"),
        (reports.SENDMAIL, "failed", True, "5.3.4", "too_large"),
        (reports.DOMINO_GERMAN, "failed", True, "5.1.1", "no_such_address"),
        (reports.YAHOO, "failed", True, "5.0.0", "no_such_address"),
        (reports.SES, "complaint", False, "", "spam"),
    ],
)
def test_the_reports_of_the_usual_servers(
    raw: bytes, kind: str, permanent: bool, code: str, reason: str
) -> None:
    (got,) = classify(raw)
    assert (got.recipient, got.original_id) == ("ada@home.example", OURS)
    assert (got.kind, got.permanent, got.status, got.reason) == (kind, permanent, code, reason)


def test_each_recipient_has_its_own_fate() -> None:
    raw = dsn(
        status(
            FAILED,
            "Final-Recipient: rfc822; bo@home.example\nAction: Delayed (still trying)\nStatus: 4.4.1",
            "Final-Recipient: rfc822; cy@home.example\nAction: delivered\nStatus: 2.0.0",
            "Final-Recipient: rfc822; di@home.example\nAction: relayed\nStatus: 2.0.0",
            "Final-Recipient: rfc822; eve@home.example\nAction: expanded\nStatus: 2.0.0",
            "Final-Recipient: rfc822; fay@home.example\nAction: delayed\nStatus: 4.2.2",
            "Final-Recipient: rfc822; fay@home.example\nAction: failed\nStatus: 5.2.2",
            "Final-Recipient: rfc822; fay@home.example\nAction: delayed\nStatus: 4.2.2",
        ),
        ONLY_HEADERS,
    )
    assert [(one.recipient, one.kind, one.reason) for one in classify(raw)] == [
        ("ada@home.example", "failed", "no_such_address"),
        ("bo@home.example", "delayed", "unreachable"),
        ("fay@home.example", "failed", "mailbox_full"),
    ]


def test_a_delivery_that_went_well_is_no_bounce_whatever_its_words() -> None:
    words = "Undeliverable: these addresses failed:\n\n<ada@home.example>: 550 5.1.1 unknown user"
    block = "Final-Recipient: rfc822; ada@home.example\nAction: relayed\nStatus: 2.1.5"
    assert classify(dsn(status(block), RETURNED, words=words)) == []


@pytest.mark.parametrize(
    ("field", "recipient"),
    [
        ("Final-Recipient: rfc822;<Ada@HOME.example>", "Ada@home.example"),
        ("Final-Recipient: RFC822 ; ada@home.example (Ada)", "ada@home.example"),
        ("Final-Recipient: ada@home.example", "ada@home.example"),
        ("Final-Recipient: rfc822; x9@inner.example\nOriginal-Recipient: rfc822; a@b.example", "a@b.example"),
        ("Final-Recipient: rfc822; ada@home.example\nOriginal-Recipient: rfc822;", "ada@home.example"),
        ("Final-Recipient: utf-8; jos\\x{E9}@home.example", "josé@home.example"),
        ("Final-Recipient: utf-8; josé@bücher.example", "josé@bücher.example"),
        ("Final-Recipient: utf-8; a\\x{D800}@home.example", None),
        ("Final-Recipient: utf-8; a\\x{A}@home.example", None),
        ("Final-Recipient: x400; /S=ada@home.example", None),
        ("Final-Recipient: rfc822; nobody", None),
        ("X-Nothing: 1", None),
    ],
)
def test_recipient_fields(field: str, recipient: str | None) -> None:
    got = classify(dsn(status(f"{field}\nAction: failed\nStatus: 5.1.1")))
    assert [one.recipient for one in got] == ([recipient] if recipient else [])


@pytest.mark.parametrize("action", ["", "Action: \n", "Action: (failed)\n", "Action: happy\n"])
def test_without_an_action_nothing_is_believed(action: str) -> None:
    words = "Delivery to the following recipients failed.\n\n   ada@home.example\n"
    block = f"Final-Recipient: rfc822; ada@home.example\n{action}Status: 5.1.1"
    assert classify(dsn(status(block), words=words)) == []


def test_fields_out_of_place_are_still_read() -> None:
    raw = dsn(
        "Content-Type: message/delivery-status\n\n\n\njunk\nReporting-MTA: dns; x\n"
        + FAILED
        + "\n\n\nmore junk"
    )
    assert [one.status for one in classify(raw)] == ["5.1.1"]


def test_the_parts_of_an_international_report_may_be_encoded() -> None:
    part = "Content-Transfer-Encoding: base64\nContent-Type: message/global-delivery-status\n\n"
    blocks = (
        "Reporting-MTA: dns; x\n\nFinal-Recipient: utf-8; josé@home.example\nAction: failed\nStatus: 5.1.1\n"
    )
    headers = b64encode(f"Message-ID: {OURS}\n\n".encode()).decode()
    (got,) = classify(
        dsn(
            part + b64encode(blocks.encode()).decode(),
            "Content-Transfer-Encoding: base64\nContent-Type: message/global-headers\n\n" + headers,
        )
    )
    assert (got.recipient, got.original_id) == ("josé@home.example", OURS)


def test_a_bounce_of_a_bounce_is_read_once() -> None:
    inner = dsn(status(FAILED.replace("ada", "inner")), RETURNED).decode()
    outer = dsn(status(FAILED), "Content-Type: message/rfc822\n\n" + inner)
    assert [(one.recipient, one.original_id) for one in classify(outer)] == [
        ("ada@home.example", "<report@mx.birch.example>")
    ]
    twice = dsn(status(FAILED), status(FAILED.replace("ada", "second")))
    assert [one.recipient for one in classify(twice)] == ["ada@home.example"]


def test_the_original_id_is_of_the_returned_mail_only() -> None:
    assert classify(dsn(status(FAILED)))[0].original_id is None
    junk = dsn(status(FAILED), "Content-Type: message/rfc822\n\nMessage-ID: no id\n\nMessage-ID: <body@x>\n")
    assert classify(junk)[0].original_id is None


@pytest.mark.parametrize(
    "raw",
    [
        mail("Delivery to <bo@home.example> failed, what now?\nada@home.example", subject="Undeliverable: x"),
        mail(
            "I am away, ask bo@home.example",
            subject="Automatic reply: Benches",
            auto_submitted="auto-replied",
        ),
        mail(
            "Bin im Urlaub",
            subject="Abwesenheit: Zustellung",
            return_path="<>",
            auto_submitted="auto-replied",
        ),
        multipart("mixed", TEXT + "see", "Content-Type: message/rfc822\n\n" + reports.POSTFIX.decode()),
        multipart("mixed", TEXT + "see", status(FAILED), RETURNED),
        multipart(
            "report; report-type=disposition-notification",
            TEXT + "Your message was displayed.",
            "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;ada@home.example\n"
            "Disposition: manual-action/MDN-sent-manually; displayed",
        ),
        dsn(status(FAILED)).replace(b"--bb", b"--cc"),
        dsn(
            words="Delivery to the following recipients failed:\n\nada@home.example", sender="a@home.example"
        ),
        multipart(
            "mixed",
            TEXT + "Delivery failed",
            "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: a@home.example",
            **{"from": "postmaster@birch.example"},
        ),
        b"",
        b"\r\n",
    ],
)
def test_what_is_no_bounce(raw: bytes) -> None:
    assert classify(raw) == []


def test_a_report_wrapped_by_a_list_or_a_scanner_counts_only_from_a_mail_server() -> None:
    parts = (TEXT + "scanned", status(FAILED), RETURNED)
    assert classify(multipart("mixed", *parts)) == []
    got = classify(multipart("mixed", *parts, **{"from": "postmaster@birch.example"}))
    assert [one.original_id for one in got] == [OURS]


def _feedback(fields: str, returned: str = RETURNED) -> list[Bounce]:
    part = f"Content-Type: message/feedback-report\n\n{fields}\nVersion: 1\n"
    return classify(multipart("report; report-type=feedback-report", TEXT + "x", part, returned))


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure", "dmarc", ""])
def test_not_every_feedback_is_a_complaint(kind: str) -> None:
    assert _feedback(f"Feedback-Type: {kind}\nOriginal-Rcpt-To: ada@home.example") == []


def test_whom_a_complaint_is_about() -> None:
    two = "Feedback-Type: Abuse\nOriginal-Rcpt-To: <ada@home.example>\nOriginal-Rcpt-To: bo@home.example"
    assert [one.recipient for one in _feedback(two)] == ["ada@home.example", "bo@home.example"]
    hidden = "Feedback-Type: fraud\nOriginal-Rcpt-To: [redacted]"
    assert [(one.recipient, one.original_id) for one in _feedback(hidden)] == [("", OURS)]
    to = f"Content-Type: message/rfc822\n\nTo: Ada@home.example\nMessage-ID: {OURS}\n\nx"
    assert [one.recipient for one in _feedback(hidden, to)] == ["Ada@home.example"]
    assert _feedback(hidden, "Content-Type: message/rfc822\n\nSubject: x\n\nx") == []


def test_what_breaks_a_limit_is_not_read() -> None:
    whole = dsn(status(FAILED), RETURNED)
    assert classify(b"X-Field: 1\r\n" * 900 + whole)
    assert classify(b"X-Field: 1\r\n" * 1_100 + whole) == []
    assert classify(dsn(status(FAILED), *[TEXT] * 900))
    assert classify(dsn(status(FAILED), *[TEXT] * 1_100)) == []


def test_a_delay_is_never_permanent_and_recipients_are_limited() -> None:
    late = "Final-Recipient: rfc822; ada{}@home.example\nAction: delayed\nStatus: 5.4.1"
    got = classify(dsn(status(*(late.format(number) for number in range(300)))))
    assert len(got) == 100 and not any(one.permanent for one in got)


_PIECES = st.sampled_from(
    [
        *(b"Content-Type: multipart/report; boundary=bb\n", b"Content-Type: message/delivery-status\n"),
        *(b"From: mailer-daemon@x.example\n", b"Subject: Undeliverable\n", b"Return-Path: <>\n", b"\n--bb\n"),
        *(b"\n", b"\r", b"\n\n", b"--bb--", b"Action: failed\n", b"Final-Recipient: rfc822; a@b.example\n"),
        *(b"Status: 5.1.1\n", b"Diagnostic-Code: smtp; 550 ", b"\xff\xfe", b"\\x{110000}", b"utf-8; ", b" "),
        *(b"Content-Type: message/feedback-report\n", b"Feedback-Type: abuse\n", b"Original-Rcpt-To: a@b\n"),
        *(b"Content-Type: message/rfc822\n", b"Message-ID: <a@b>\n", b"<a@b.example>: ", b"From nobody\n"),
        *(b"Content-Type: text/html; charset=utf-7\n", b"Content-Transfer-Encoding: base64\n", b"=?utf-8?b?"),
        *(
            b"Hi. This is the\n",
            b"The following addresses had\n",
            b"undeliverable to ",
            b"--- Below",
            b"\x00",
        ),
    ]
)


@given(st.one_of(st.binary(max_size=400), st.lists(_PIECES, max_size=40).map(b"".join)))
def test_any_octets_are_classified(raw: bytes) -> None:
    for one in classify(raw):
        assert "@" in one.recipient or (one.kind == "complaint" and one.original_id)
        assert not one.permanent or one.kind == "failed"


@pytest.mark.parametrize("count", [1, 1_000])
def test_the_work_is_bounded(count: int) -> None:
    hostile = ("user " * 6 + "postfach" * 20 + " exceed a a a " + "a-" * 40) * 20
    block = f"Final-Recipient: rfc822; ada{{}}@home.example\nAction: failed\nDiagnostic-Code: {hostile}"
    raw = dsn(status(*(block.format(number) for number in range(count))), RETURNED)
    begun = time.process_time()
    got = classify(raw)
    assert 1 <= len(got) <= 100 and time.process_time() - begun < 2


def test_a_returned_mail_of_any_size_costs_nothing() -> None:
    raw = dsn(status(FAILED), RETURNED + "a@b.example, " * 1_500_000)
    begun = time.process_time()
    assert classify(raw)[0].original_id == OURS
    assert time.process_time() - begun < 2


_CORPUS: dict[str, list[tuple[str, str, str]]] = {
    "simple_dsn.raw": [("louisl@larry.slip.umd.edu", "failed", "4.0.0")],
    "simple_dsn_with_html.raw": [("louisl@larry.slip.umd.edu", "failed", "4.0.0")],
    "delayed_dsn.raw": [("thomas@de-montfort.ac.uk", "delayed", "4.0.0")],
    "dsn_with_multipart_alternative.raw": [("non-existing@example.com", "failed", "5.1.10")],
    "multi_recipient_dsn.raw": [
        ("arathib@vnet.ibm.com", "failed", "5.0.0"),
        ("johnh@hpnjld.njd.hp.com", "delayed", "4.0.0"),
        ("wsnell@sdcc13.ucsd.edu", "failed", "5.0.0"),
    ],
}


def test_the_further_corpus_holds_no_bounce_but_the_known() -> None:
    """Mails that others collected, in the folder FOLKMOOT_MAIL_CORPUS; none when it is not named."""
    folder = os.environ.get("FOLKMOOT_MAIL_CORPUS")
    for path in sorted(Path(folder).rglob("*.*")) if folder else []:
        if path.suffix in (".raw", ".eml", ".txt") and path.is_file():
            got = [(one.recipient, one.kind, one.status) for one in classify(path.read_bytes())]
            assert got == _CORPUS.get(path.name, []), path.name
