"""DKIM: what is signed verifies after a real trip, and what is changed or added does not."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from hypothesis import given, settings

from bridge.email import signing
from bridge.email.compose import compose
from bridge.email.sender import Sender
from bridge.email.settings import Relay
from bridge.email.signing import Signer
from bridge.errors import Broken, Refuse
from bridge.model import Attachment
from tests.email.mails import DOMAIN
from tests.email.sink import Sink
from tests.email.test_compose import MAILS, OUT

RSA, OTHER, ED = signing.new_key(), signing.new_key(), signing.new_key("ed25519")
ZONE = {
    signing.record_name("new", DOMAIN): signing.record(RSA),
    signing.record_name("old", DOMAIN): signing.record(OTHER),
    signing.record_name("ed", DOMAIN): signing.record(ED),
}


def valid(raw: bytes, index: int = 0, zone: Mapping[str, str] = ZONE) -> bool:
    """What a receiver that finds `zone` in DNS says of a signature of `raw`."""

    def look_up(name: bytes | str, timeout: float = 5) -> bytes | None:
        text = name.decode() if isinstance(name, bytes) else name
        value = zone.get(text.rstrip("."))
        return value.encode() if value else None

    try:
        return bool(dkim.DKIM(raw).verify(index, dnsfunc=look_up))
    except dkim.DKIMException:
        return False


def tags(raw: bytes) -> dict[str, str]:
    """The tags of the topmost signature."""
    field = re.sub(r"\r\n[ \t]", "", raw.decode("utf-8").partition("DKIM-Signature: ")[2])
    line = field.partition("\r\n")[0]
    return {part.partition("=")[0].strip(): part.partition("=")[2].strip() for part in line.split(";")}


def pem_of(key: PrivateKeyTypes, password: bytes | None = None) -> str:
    private = serialization.PrivateFormat.PKCS8
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, private, lock).decode()


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    sink = Sink()
    server = await sink.start()
    yield sink
    server.close()


async def test_the_signature_holds_after_the_trip_to_the_relay(sink: Sink) -> None:
    files = [Attachment("plan.pdf", "application/pdf", bytes(range(256)) * 40)]
    mail = replace(OUT, text="Grüße\n.\n..\nFrom me\n \n" + "x" * 3_000, attachments=files, automatic=True)
    raw = Signer(DOMAIN, "new", RSA).sign(compose(mail))
    out = Sender(Relay("127.0.0.1", sink.port), DOMAIN, lambda point, phase: None, lambda: 0.0)
    await out.send("", mail.to, raw)
    await out.close()
    (taken,) = sink.taken
    assert taken.raw == raw and valid(taken.raw)
    received = b"Received: from x by y\r\n\tfor z; Thu, 1 Jan 2027 00:00:00 +0000\r\n" + taken.raw
    assert valid(received)


def test_what_the_signature_says() -> None:
    said = tags(Signer(DOMAIN, "new", RSA).sign(compose(OUT)))
    assert (said["a"], said["c"], said["d"], said["s"]) == ("rsa-sha256", "relaxed/relaxed", DOMAIN, "new")
    assert "l" not in said
    covered = [name.strip() for name in said["h"].split(":")]
    for name in ("from", "to", "subject", "date", "message-id", "reply-to", "in-reply-to", "references",
                 "content-type", "mime-version"):  # fmt: skip
        assert covered.count(name) == 2, name
    for name in ("cc", "sender", "list-id", "list-unsubscribe", "list-unsubscribe-post"):
        assert covered.count(name) == 1, name
    mailing = compose(
        replace(OUT, unsubscribe="https://x.example/a", list_id="park.x.example", automatic=True)
    )
    covered = [name.strip() for name in tags(Signer(DOMAIN, "new", RSA).sign(mailing))["h"].split(":")]
    assert covered.count("list-unsubscribe-post") == 2 and covered.count("auto-submitted") == 1


@pytest.mark.parametrize(
    "name",
    ["From", "To", "Cc", "Sender", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References",
     "Content-Type", "MIME-Version", "Content-Transfer-Encoding", "List-Id", "List-Unsubscribe",
     "List-Unsubscribe-Post"],
)  # fmt: skip
@pytest.mark.parametrize("below", [True, False])
def test_a_field_that_is_added_breaks_it(name: str, below: bool) -> None:
    raw = Signer(DOMAIN, "new", RSA).sign(compose(OUT))
    head, gap, body = raw.partition(b"\r\n\r\n")
    line = f"{name}: <eve@evil.example>".encode()
    changed = head + b"\r\n" + line + gap + body if below else line + b"\r\n" + raw
    assert valid(raw) and not valid(changed)


def test_a_change_breaks_it() -> None:
    raw = Signer(DOMAIN, "new", RSA).sign(compose(OUT))
    for old, new in ((b"Thank you", b"Thank yon"), (b"Benches", b"Trenches"), (b"kim@", b"tim@")):
        assert old in raw and not valid(raw.replace(old, new))
    assert not valid(raw + b"more\r\n")
    assert not valid(raw, zone={signing.record_name("new", DOMAIN): signing.record(OTHER)})
    assert not valid(raw, zone={})


def test_the_same_mail_is_signed_the_same() -> None:
    """Whenever that is: a repeat after a crash is the same mail, and no clock can be ahead."""
    signer = Signer(DOMAIN, "new", RSA, also=("ed", ED))
    raw = signer.sign(compose(OUT))
    assert raw == signer.sign(compose(OUT)) == Signer(DOMAIN, "new", RSA, also=("ed", ED)).sign(compose(OUT))
    assert "t" not in tags(raw)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b"\r\n\r\n\r\n",
        b"x",
        b" \t\r\n",
        b"a  b\t \r\n\r\n",
        b"\r\n\r\nx\r\n \r\n",
        b"x" * 200_000,
    ],
)
def test_bodies_of_every_shape_verify(body: bytes) -> None:
    raw = Signer(DOMAIN, "new", RSA).sign(b"From: a@x.example\r\nSubject: x\r\n\r\n" + body)
    assert valid(raw) and raw.endswith(body)


def test_a_lone_cr_is_signed_by_nobody() -> None:
    with pytest.raises(Broken):
        Signer(DOMAIN, "new", RSA).sign(b"From: a@x.example\r\n\r\na\rb\r\n")


def test_a_second_key_signs_beside_the_first() -> None:
    """While keys change, and for Ed25519 beside RSA."""
    for selector, pem, algorithm in (("old", OTHER, "rsa-sha256"), ("ed", ED, "ed25519-sha256")):
        raw = Signer(DOMAIN, "new", RSA, also=(selector, pem)).sign(compose(OUT))
        assert raw.count(b"DKIM-Signature: ") == 2
        assert valid(raw, 0) and valid(raw, 1)
        assert f"a={algorithm}".encode() in raw and f"s={selector};".encode() in raw


def test_after_the_change_of_keys_what_the_old_one_signed_holds_while_its_record_stays() -> None:
    before = Signer(DOMAIN, "old", OTHER).sign(compose(OUT))
    after = Signer(DOMAIN, "new", RSA).sign(compose(OUT))
    assert valid(before) and valid(after)
    revoked = {**ZONE, signing.record_name("old", DOMAIN): "v=DKIM1; k=rsa; p="}
    assert not valid(before, zone=revoked) and valid(after, zone=revoked)


@settings(max_examples=50, deadline=None)
@given(MAILS)
def test_whatever_is_composed_can_be_signed(mail: object) -> None:
    raw = Signer(DOMAIN, "ed", ED).sign(compose(mail))  # type: ignore[arg-type]
    assert valid(raw) and raw.isascii() and max(map(len, raw.split(b"\r\n"))) <= 998


def test_letters_beyond_ascii_in_an_address_are_signed_too() -> None:
    assert valid(Signer(DOMAIN, "new", RSA).sign(compose(replace(OUT, to="jörg@bücher.example"))))


def test_keys_and_records() -> None:
    key = serialization.load_pem_private_key(RSA.encode(), None)
    assert RSA.startswith("-----BEGIN PRIVATE KEY-----\n")
    assert isinstance(key, rsa.RSAPrivateKey) and key.key_size == 2048
    found = re.fullmatch(r"v=DKIM1; k=rsa; p=([A-Za-z0-9+/]+=*)", signing.record(RSA))
    assert found is not None
    public = serialization.load_der_public_key(base64.b64decode(found[1]))
    assert public == key.public_key()
    short = re.fullmatch(r"v=DKIM1; k=ed25519; p=([A-Za-z0-9+/]+=*)", signing.record(ED))
    assert short is not None and len(base64.b64decode(short[1])) == 32
    assert len({signing.new_key() for _ in range(3)}) == 3


def test_the_lines_for_a_zone() -> None:
    text = signing.dns_lines("New", DOMAIN, RSA)
    assert text.startswith(f"new._domainkey.{DOMAIN}. 3600 IN TXT (\n")
    strings = re.findall(r'"([^"]*)"', text)
    assert len(strings) == 2 and max(map(len, strings)) <= 255
    assert "".join(strings) == signing.record(RSA)
    assert re.sub(r'"[^"]*"', "", text).split() == [
        f"new._domainkey.{DOMAIN}.",
        "3600",
        "IN",
        "TXT",
        "(",
        ")",
    ]


@pytest.mark.parametrize(
    "pem",
    [
        "",
        "not a key",
        RSA[: len(RSA) // 2],
        pem_of(rsa.generate_private_key(65537, 1024)),
        pem_of(ec.generate_private_key(ec.SECP256R1())),
        pem_of(rsa.generate_private_key(65537, 2048), b"password"),
        "\ud800",
    ],
    ids=["empty", "words", "cut", "short", "another kind", "locked", "no text"],
)
def test_a_key_that_will_not_do_is_refused_before_any_mail(pem: str) -> None:
    with pytest.raises(Refuse) as caught:
        Signer(DOMAIN, "new", pem)
    assert "DKIM key" in caught.value.reason and "PRIVATE" not in caught.value.reason


def test_a_key_in_another_form_of_pem_works() -> None:
    key = serialization.load_pem_private_key(RSA.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    old = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()
    for pem in (old, RSA.replace("\n", "\r\n"), "\n" + RSA):
        assert valid(Signer(DOMAIN, "new", pem).sign(compose(OUT)))


@pytest.mark.parametrize("name", ["", "a b", "-a", "a\nb", "ä", "a..b", "x" * 64])
def test_a_selector_is_a_name(name: str) -> None:
    with pytest.raises(Refuse, match="no name in DNS"):
        Signer(DOMAIN, name, RSA)


def test_what_is_no_mail_is_broken_and_not_quoted() -> None:
    with pytest.raises(Broken) as caught:
        Signer(DOMAIN, "new", RSA).sign(b"Ada Citizen\r\n\r\nx")
    assert "Ada" not in caught.value.reason


def test_nothing_of_a_mail_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    Signer(DOMAIN, "new", RSA).sign(compose(OUT))
    assert not caplog.records
