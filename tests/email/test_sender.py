"""The relay: refusals at each verb, lost lines, reuse of connections, TLS and login."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

import pytest

from bridge.demo.ports import free_port
from bridge.email.sender import Sender
from bridge.email.settings import Relay
from bridge.errors import Fate, Refuse, Retry
from bridge.points import Phase, Point
from tests.email.authority import Authority
from tests.email.faulty_relay import DROP as CUT
from tests.email.faulty_relay import NONSENSE, STALL, FaultyRelay
from tests.email.sink import DROP, SILENCE, Sink
from tests.waiting import until

RAW = b"Subject: x\r\n\r\nwords\r\n.\r\n..dots\r\n"


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Probed:
    """Remembers each visit."""

    def __init__(self) -> None:
        self.visits: list[tuple[Point, Phase]] = []

    def __call__(self, point: Point, phase: Phase) -> None:
        self.visits.append((point, phase))


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    sink = Sink()
    server = await sink.start()
    yield sink
    server.close()


def sender(sink: Sink, probe: Probed | None = None, clock: Clock | None = None, **more: object) -> Sender:
    relay = Relay("127.0.0.1", sink.port, **{"timeout": 5, "data_timeout": 5, **more})  # type: ignore[arg-type]
    return Sender(relay, "consult.alder.example", probe or Probed(), clock or Clock())


async def test_the_answer_after_data_is_believed(sink: Sink) -> None:
    probe = Probed()
    out = sender(sink, probe)
    assert await out.send("", "kim@example.org", RAW) == "250 2.0.0 queued as 1"
    await out.close()
    (taken,) = sink.taken
    assert (taken.mail_from, taken.recipient, taken.raw) == ("", "kim@example.org", RAW)
    assert probe.visits == [(Point.MAIL, "before"), (Point.MAIL, "after")]
    assert "EHLO consult.alder.example" in sink.commands


async def test_what_the_server_says_is_a_detail_beside_its_codes(sink: Sink) -> None:
    """It may quote the citizen's name or subject: `reason` is logged, `detail` is not."""
    out = sender(sink)
    sink.script = {".": ["554 5.7.1 Kim Citizen: “The lamp” looks like spam", "450 Kim Citizen, later"]}
    for fate, reason in ((Refuse, "refused it: 554 5.7.1"), (Retry, "asks to try later: 450")):
        with pytest.raises(fate) as caught:
            await out.send("", "kim@example.org", RAW)
        assert caught.value.reason == f"The mail server {reason}"
        assert "Kim Citizen" in caught.value.detail
    await out.close()


@pytest.mark.parametrize(
    ("verb", "answer", "fate"),
    [
        *((verb, "451 later, <kim@example.org>", Retry) for verb in ("CONNECT", "MAIL", "RCPT", "DATA", ".")),
        ("EHLO", "no", Retry),
        *((verb, "421 going down", Retry) for verb in ("CONNECT", "MAIL", "RCPT", "DATA", ".")),
        *((verb, "550 5.1.1 <kim@example.org> unknown", Refuse) for verb in ("MAIL", "RCPT", "DATA", ".")),
        ("CONNECT", "554 no service", Retry),
        ("AUTH", "535 5.7.8 no", Retry),
        ("AUTH", "454 later", Retry),
        *((verb, DROP, Retry) for verb in ("CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", ".")),
        ("DATA", "nonsense", Retry),
        (".", "999 what", Retry),
    ],
)  # fmt: skip
async def test_a_fault_at_each_verb(sink: Sink, verb: str, answer: str, fate: type[Fate]) -> None:
    probe = Probed()
    out = sender(sink, probe, username="folkmoot", password="canary-password")
    sink.script = {verb: [answer]}
    with pytest.raises(Fate) as caught:
        await out.send("park@consult.example", "kim@example.org", RAW)
    assert type(caught.value) is fate and not sink.taken
    assert "@" not in caught.value.reason and "canary" not in caught.value.reason
    if answer[:3].isdigit():
        assert answer[:3] in caught.value.reason
    assert probe.visits == [(Point.MAIL, "before")]
    assert (await out.send("park@consult.example", "kim@example.org", RAW)).startswith("250")  # and goes on
    await out.close()
    assert len(sink.taken) == 1


async def test_a_server_that_says_nothing_is_not_waited_for(sink: Sink) -> None:
    sink.script = {".": SILENCE}
    out = sender(sink, data_timeout=0.3)
    with pytest.raises(Retry):
        await out.send("", "kim@example.org", RAW)
    await out.close()


async def test_nobody_listens() -> None:
    out = Sender(Relay("127.0.0.1", free_port(), timeout=5), "x.example", Probed(), Clock())
    with pytest.raises(Retry, match="no proper connection"):
        await out.send("", "kim@example.org", RAW)


async def test_a_line_is_used_again_and_each_mail_has_its_own_recipient(sink: Sink) -> None:
    out = sender(sink)
    sink.script = {"RCPT": ["550 no such user"]}
    with pytest.raises(Refuse):
        await out.send("a@x.example", "one@example.org", RAW)
    for name in ("two", "three"):
        await out.send("", f"{name}@example.org", RAW)
    await out.close()
    assert sink.verbs["CONNECT"] == 1 and sink.verbs["RSET"] >= 2
    assert [(t.mail_from, t.recipient) for t in sink.taken] == [
        ("", "two@example.org"),
        ("", "three@example.org"),
    ]


async def test_an_old_or_broken_line_is_not_used_again(sink: Sink) -> None:
    clock = Clock()
    out = sender(sink, clock=clock)
    await out.send("", "one@example.org", RAW)
    clock.now += 60
    await out.send("", "two@example.org", RAW)
    assert sink.verbs["CONNECT"] == 2
    sink.script = {"RSET": [DROP]}
    await out.send("", "three@example.org", RAW)
    await out.close()
    assert sink.verbs["CONNECT"] == 3 and len(sink.taken) == 3


async def test_many_at_once_share_few_lines(sink: Sink) -> None:
    out = sender(sink, connections=3)
    await asyncio.gather(*(out.send("", f"n{n}@example.org", RAW) for n in range(20)))
    await out.close()
    assert sorted(t.recipient for t in sink.taken) == sorted(f"n{n}@example.org" for n in range(20))
    assert sink.verbs["CONNECT"] <= 3


async def test_a_cancelled_send_leaves_no_half_line_behind(sink: Sink) -> None:
    out = sender(sink)
    sink.script = {"RCPT": [SILENCE]}
    task = asyncio.create_task(out.send("", "one@example.org", RAW))
    await until(lambda: sink.verbs["RCPT"])
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await out.send("", "two@example.org", RAW)
    await out.close()
    assert [t.recipient for t in sink.taken] == ["two@example.org"] and sink.verbs["CONNECT"] == 2


async def test_other_letters_need_a_server_that_knows_them(sink: Sink) -> None:
    out = sender(sink)
    with pytest.raises(Refuse, match="letters"):
        await out.send("", "jörg@example.org", RAW)
    await out.close()
    sink.extensions = (*sink.extensions, "SMTPUTF8")
    out = sender(sink)
    await out.send("", "jörg@example.org", RAW)
    await out.close()
    assert sink.taken[0].recipient == "jörg@example.org"
    assert any("SMTPUTF8" in command for command in sink.commands if command.startswith("MAIL"))


async def test_a_relay_without_starttls_gets_no_mail_in_the_clear(sink: Sink) -> None:
    out = sender(sink, tls="starttls")
    with pytest.raises(Retry):
        await out.send("", "kim@example.org", RAW)
    assert not sink.taken and not sink.verbs["MAIL"]


# ------------------------------------------------------------------ a fault at each verb

LATER, NEVER, GONE = "451 4.3.0 later", "550 5.7.1 never", "421 4.3.2 going down"
CONNECTING = ("CONNECT", "EHLO", "STARTTLS", "AUTH", "PASSWORD")
MAILING = ("MAIL", "RCPT", "DATA", ".")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


@contextlib.asynccontextmanager
async def pair(
    relay: FaultyRelay, context: ssl.SSLContext | None = None, **more: object
) -> AsyncIterator[Sender]:
    """A sender that logs in at `relay`; one that stalls is not waited for long."""
    await relay.start(at_once=more.get("tls") == "tls")
    patience = 0.8 if relay.fault == STALL else 10.0
    usual: dict[str, object] = {
        "timeout": patience,
        "data_timeout": patience,
        "username": "bridge",
        "password": "pass-ä",
    }
    settings = Relay("127.0.0.1", relay.port, **{**usual, **more})  # type: ignore[arg-type]
    out = Sender(settings, "consult.alder.example", Probed(), Clock(), context)
    try:
        yield out
    finally:
        await asyncio.wait_for(out.close(), 20)
        await relay.close()


def expected(verb: str, fault: str) -> type[Fate]:
    return Refuse if fault == NEVER and verb in MAILING else Retry


@pytest.mark.parametrize("fault", [LATER, NEVER, GONE, STALL, CUT, NONSENSE])
@pytest.mark.parametrize("verb", [*CONNECTING, *MAILING])
async def test_each_fault_at_each_verb_has_its_fate(authority: Authority, verb: str, fault: str) -> None:
    """Nothing final but a 5xx about the mail itself; and the next mail goes its way."""
    method = "LOGIN" if verb == "PASSWORD" else "PLAIN"
    relay = FaultyRelay(verb, fault, authority.server(), methods=method)
    async with pair(relay, authority.client(), tls="starttls") as out:
        with pytest.raises(Fate) as caught:
            await asyncio.wait_for(out.send("park@consult.alder.example", "ada@home.example", RAW), 20)
        assert type(caught.value) is expected(verb, fault)
        assert "pass-ä" not in caught.value.reason and "@" not in caught.value.reason
        hidden = verb == "." and fault in (STALL, CUT)  # taken, and nobody told us
        assert [recipient for recipient, _ in relay.taken] == ["ada@home.example"] * hidden
        assert not relay.fault, "the fault was never met"
        assert (await out.send("", "ben@home.example", RAW)).startswith("250 2.0.0")
        assert relay.taken[-1] == ("ben@home.example", RAW) and len(relay.taken) == 1 + hidden
    assert all(login == ("bridge", "pass-ä", True) for login in relay.logins) and relay.logins


@pytest.mark.parametrize("fault", [STALL, CUT])
@pytest.mark.parametrize("verb", ["TLS", "BODY"])
async def test_a_line_lost_between_two_answers(authority: Authority, verb: str, fault: str) -> None:
    relay = FaultyRelay(verb, fault, authority.server())
    async with pair(relay, authority.client(), tls="starttls") as out:
        with pytest.raises(Retry):
            await asyncio.wait_for(out.send("", "ada@home.example", RAW * 20_000), 20)
        assert not relay.taken and not relay.fault
        await out.send("", "ada@home.example", RAW)
        assert len(relay.taken) == 1


@pytest.mark.parametrize("fault", [LATER, NEVER, GONE, STALL, CUT, NONSENSE])
async def test_a_fault_at_rset_costs_a_new_line_and_no_mail(fault: str) -> None:
    relay = FaultyRelay("RSET", fault)
    async with pair(relay) as out:
        for name in ("ada", "ben", "cleo"):
            await out.send("", f"{name}@home.example", RAW)
        assert relay.verbs["CONNECT"] == 2 and not relay.fault
        assert [who for who, _ in relay.taken] == [f"{name}@home.example" for name in ("ada", "ben", "cleo")]


@pytest.mark.parametrize("fault", [LATER, NEVER, GONE, STALL, CUT, NONSENSE])
async def test_a_fault_at_quit_is_nobodys_matter(fault: str) -> None:
    relay = FaultyRelay("QUIT", fault)
    async with pair(relay) as out:
        await out.send("", "ada@home.example", RAW)
        await asyncio.wait_for(out.close(), 20)
        await until(lambda: not relay.fault)
    assert len(relay.taken) == 1


async def test_the_mail_whose_answer_was_lost_is_the_same_mail_again() -> None:
    relay = FaultyRelay(".", CUT)
    async with pair(relay) as out:
        with pytest.raises(Retry, match="did not answer"):
            await out.send("", "ada@home.example", RAW)
        await out.send("", "ada@home.example", RAW)
    assert relay.taken == [("ada@home.example", RAW)] * 2


@pytest.mark.parametrize("answer", ["530 5.7.0 log in first", "535 5.7.8 no", "538 5.7.11 encrypt"])
async def test_a_login_that_is_wanted_later_is_not_the_mails_fault(answer: str) -> None:
    relay = FaultyRelay("MAIL", answer)
    async with pair(relay, username=None, password=None) as out:
        with pytest.raises(Retry, match=r"our login: 53. 5\.7\."):
            await out.send("", "ada@home.example", RAW)


# ------------------------------------------------------------------ TLS and login


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize("method", ["PLAIN", "LOGIN", "GSSAPI LOGIN PLAIN"])
async def test_tls_and_login(authority: Authority, tls: str, method: str) -> None:
    relay = FaultyRelay(context=authority.server(), methods=method)
    async with pair(relay, authority.client(), tls=tls) as out:
        assert (await out.send("", "ada@home.example", RAW)).startswith("250")
    assert relay.taken == [("ada@home.example", RAW)] and relay.logins == [("bridge", "pass-ä", True)]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize("wrong", ["name", "expired", "stranger"])
async def test_a_wrong_certificate_is_said_in_words_and_gets_no_mail(
    authority: Authority, tls: str, wrong: str
) -> None:
    name = "other.example" if wrong == "name" else "127.0.0.1"
    relay = FaultyRelay(context=authority.server(name, expired=wrong == "expired"))
    context = ssl.create_default_context() if wrong == "stranger" else authority.client()
    async with pair(relay, context, tls=tls) as out:
        with pytest.raises(Retry) as caught:
            await out.send("", "ada@home.example", RAW)
    why = {
        "name": "not valid for '127.0.0.1'",
        "expired": "has expired",
        "stranger": "unable to get local issuer",
    }
    assert "its certificate will not do" in caught.value.reason and why[wrong] in caught.value.reason
    assert not relay.taken and not relay.logins and not relay.verbs["MAIL"]


async def test_plain_words_where_tls_is_expected() -> None:
    relay = FaultyRelay()
    await relay.start()
    out = Sender(Relay("127.0.0.1", relay.port, tls="tls", timeout=5), "x.example", Probed(), Clock())
    with pytest.raises(Retry, match="it speaks no TLS that we know"):
        await out.send("", "ada@home.example", RAW)
    await relay.close()


async def test_what_a_relay_does_not_offer_is_said() -> None:
    relay = FaultyRelay(methods="GSSAPI")
    async with pair(relay) as out:
        with pytest.raises(Retry, match="no way to log in that we know"):
            await out.send("", "ada@home.example", RAW)
    relay = FaultyRelay()
    async with pair(relay, tls="starttls") as out:
        with pytest.raises(Retry, match="it offers no STARTTLS"):
            await out.send("", "ada@home.example", RAW)
    assert not relay.taken and not relay.logins
