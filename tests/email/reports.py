"""Reports in the forms that mail servers really write, for the tests of bounces."""

from __future__ import annotations

from tests.email.mails import mail, multipart

OURS = "<k3.m1q.abcdefghijklmnopqrstuvwxyz@consult.alder.example>"
HEADERS = f"From: park-2027@consult.alder.example\nMessage-ID: {OURS}\nSubject: Benches\n"
RETURNED = f"Content-Type: message/rfc822\n\n{HEADERS}\nDear citizen\n"
ONLY_HEADERS = f"Content-Type: text/rfc822-headers\n\n{HEADERS}"
TEXT = "Content-Type: text/plain; charset=utf-8\n\n"
DAEMON = "Mail Delivery System <MAILER-DAEMON@mx.birch.example>"


def status(*blocks: str, kind: str = "message/delivery-status") -> str:
    """A delivery-status part: the block of the message, then one for each recipient."""
    return f"Content-Type: {kind}\n\nReporting-MTA: dns; mx.birch.example\n\n" + "\n\n".join(blocks) + "\n"


def dsn(*parts: str, words: str = "It did not arrive.", sender: str = DAEMON, **fields: str) -> bytes:
    """A multipart/report whose first part is `words`."""
    fields = {
        "from": sender,
        "to": "park-2027@consult.alder.example",
        "subject": "Delivery report",
        "message_id": "<report@mx.birch.example>",
        **fields,
    }
    return multipart("report; report-type=delivery-status", TEXT + words, *parts, **fields)


def words(body: str, sender: str = DAEMON, subject: str = "failure notice", **fields: str) -> bytes:
    """A bounce of one text, as servers without delivery-status write it."""
    return mail(body, **{"from": sender, "subject": subject, "message_id": "<n@mx.birch.example>", **fields})


POSTFIX = dsn(
    "Content-Description: Delivery report\n"
    + status(
        "Final-Recipient: rfc822; ada@Home.example\n"
        "Original-Recipient: rfc822;ada@Home.example\n"
        "Action: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx.home.example\n"
        "Diagnostic-Code: smtp; 550 5.1.1 <ada@home.example>: Recipient address\n"
        "    rejected: User unknown in virtual mailbox table"
    ),
    "Content-Description: Undelivered Message\n" + RETURNED,
    words="This is the mail system at host mx.birch.example.\n\nI'm sorry.",
    subject="Undelivered Mail Returned to Sender",
    auto_submitted="auto-replied",
)
POSTFIX_GIVES_UP = dsn(
    status(
        "Final-Recipient: rfc822; ada@home.example\nAction: failed\nStatus: 4.4.1\n"
        "Diagnostic-Code: X-Postfix; connect to mx.home.example[192.0.2.7]:25: Connection timed out"
    ),
    ONLY_HEADERS,
)
EXIM = dsn(
    status(
        "Action: failed\nFinal-Recipient: rfc822;ada@home.example\nStatus: 5.0.0\n"
        "Remote-MTA: dns; mx.home.example\nDiagnostic-Code: smtp; 552-5.2.2 The recipient's inbox is out of\n"
        " 552 5.2.2 space."
    ),
    ONLY_HEADERS,
    subject="Mail delivery failed: returning message to sender",
    x_failed_recipients="ada@home.example",
)
EXCHANGE = dsn(
    status(
        "Final-Recipient: rfc822;ada@home.example\nAction: failed\nStatus: 5.1.10\n"
        "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP address lookup"
    ),
    RETURNED,
    sender="postmaster@birch.example",
    subject="Undeliverable: Benches",
    in_reply_to=OURS,
)
OFFICE365_EDGE = dsn(
    status(
        "Final-Recipient: rfc822;ada@home.example\nAction: failed\nStatus: 5.4.1\n"
        "Diagnostic-Code: smtp;550 5.4.1 Recipient address rejected: Access denied. [X.eur.outlook.example]"
    ),
    sender="Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@birch.example>",
    in_reply_to=OURS,
)
EXCHANGE_GERMAN = dsn(
    status("Final-Recipient: rfc822;ada@home.example\nAction: failed\nStatus: 5.2.2"),
    RETURNED,
    words="Fehler bei der Nachrichtenzustellung an diese Empfänger:\n\nada@home.example\nPostfach ist voll.",
    subject="Unzustellbar: Bänke".encode().decode("latin-1"),
)
GMAIL = dsn(
    "Content-Type: message/delivery-status\n\n"
    "Reporting-MTA: dns; googlemail.example\nArrival-Date: Mon, 04 Jan 2027 01:00:00 -0800 (PST)\n"
    f"X-Original-Message-ID: {OURS}\n\n"
    "Final-Recipient: rfc822; ada@home.example\nAction: failed\nStatus: 5.7.1\n"
    "Diagnostic-Code: smtp; 550-5.7.1 [192.0.2.1] Our system has detected that this message is likely\n"
    " 550 5.7.1 unsolicited mail.\n",
    sender="Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
    subject="Delivery Status Notification (Failure)",
)
GMAIL_LATE = dsn(
    status(
        "Final-Recipient: rfc822; ada@home.example\nAction: delayed\nStatus: 4.4.1\n"
        "Diagnostic-Code: smtp; The recipient server did not accept our requests to connect."
    ),
    RETURNED,
    subject="Delivery Status Notification (Delay)",
)
SENDMAIL = dsn(
    status(
        "Final-Recipient: RFC822; ada@home.example\nAction: failed\nStatus: 5.3.4\n"
        "Diagnostic-Code: SMTP; 552 5.3.4 Message size exceeds fixed limit\n"
        "Last-Attempt-Date: Mon, 4 Jan 2027 10:00:00 +0100"
    ),
    ONLY_HEADERS,
    subject="Returned mail: see transcript for details",
)
DOMINO_GERMAN = dsn(
    status(
        "Final-Recipient: rfc822;ada@home.example\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: X-Notes; Benutzer Ada Citizen (ada@home.example) nicht im Verzeichnis"
    ),
    RETURNED,
    sender="Postmaster@birch.example",
    subject="ZUSTELLUNGSFEHLER: Benutzer nicht im Domino-Verzeichnis",
)
YAHOO = dsn(
    status(
        "Final-Recipient: rfc822; ada@home.example\nAction: failed\nStatus: 5.0.0\n"
        "Diagnostic-Code: smtp; 554 delivery error: dd This user doesn't have a yahoo account"
    ),
    RETURNED,
    sender="MAILER-DAEMON@yahoo.example",
)
SES = multipart(
    "report; report-type=feedback-report",
    TEXT + "This is an email abuse report.",
    "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: Feedback/2.0\n"
    "Version: 0.1\nOriginal-Mail-From: <010@amazonses.example>\nOriginal-Rcpt-To: ada@home.example\n"
    "Source-IP: 192.0.2.9\nReported-Domain: amazonses.example",
    RETURNED,
    **{"from": "complaints@eu-west-1.email-abuse.amazonses.example", "subject": "complaint about message"},
)
