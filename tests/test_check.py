"""`folkmoot check`: each thing that can be wrong is a ✗ with a remedy, and everything right is a ✓.

The rows are proved on a world of our own making, and the questions themselves on real sockets.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import aiohttp
import dns.zone
import pytest
from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult
from rich.console import Console

import bridge.ledger
from bridge import check as checks
from bridge import init, keyfile
from bridge.appservice import registration
from bridge.appservice.registration import Registration
from bridge.cli import main
from bridge.config import Database, Email, Listen, Relay
from bridge.config_email import Mailbox, Scanner
from bridge.demo.ports import free_port
from bridge.doctor import parts
from bridge.doctor.examine import DOMAIN as ABOUT_DOMAIN
from bridge.doctor.incoming import Shown
from bridge.doctor.row import Row
from bridge.email.resolver import Resolver, StaticResolver
from bridge.errors import Refuse, Retry
from bridge.look import Outside
from tests.town_dns import DOMAIN, TOWN

ANSWERS = init.Answers("http://127.0.0.1:8008", "alder.example", "consult.alder.example")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    init.write(tmp_path, replace(ANSWERS, staff=("@clerk:alder.example",)))
    return tmp_path


@dataclass
class World:
    """A world in which all is well, unless a test says otherwise."""

    users: set[str] = field(default_factory=lambda: {"@clerk:alder.example"})
    schemas: tuple[str | None, str] = ("0001", "0001")
    is_running: bool = False
    taken: set[int] = field(default_factory=set)
    broken: dict[str, Exception] = field(default_factory=dict)
    me: str = "@folkmoot:alder.example"
    answered: list[bool] = field(default_factory=list)
    names: Resolver = field(default_factory=lambda: StaticResolver({}))

    def _meet(self, name: str) -> None:
        if name in self.broken:
            raise self.broken[name]

    async def schema(self, database: Database, master: bytes) -> tuple[str | None, str]:
        self._meet("schema")
        return self.schemas

    async def versions(self, url: str) -> list[str]:
        self._meet("versions")
        return ["v1.1", "v1.12"]

    async def whoami(self, url: str, token: str) -> str:
        self._meet("whoami")
        return self.me

    async def known(self, url: str, token: str, user_id: str) -> bool:
        self._meet("known")
        return user_id in self.users

    async def ping(self, url: str, registration: Registration, listen: Listen, answer: bool) -> float:
        self.answered.append(answer)
        self._meet("ping")
        return 12.3

    async def relay(self, relay: Relay) -> str:
        self._meet("relay")
        return "takes connections"

    def resolver(self, email: Email) -> Resolver:
        self._meet("resolver")
        return self.names

    async def secured(self, host: str, address: str, ours: str) -> Shown:
        raise AssertionError(host)

    async def scanner(self, scanner: Scanner) -> str:
        self._meet("scanner")
        return "ClamAV"

    async def mailbox(self, mailbox: Mailbox) -> None:
        self._meet("mailbox")

    async def running(self, admin: Listen) -> bool:
        return self.is_running

    async def free(self, listen: Listen) -> bool:
        return listen.port not in self.taken and not self.is_running


async def rows(home: Path, world: checks.Look) -> dict[str, Row]:
    return {row.name: row async for row in checks.check(home / "folkmoot.yaml", world)}


def not_looked_at(table: dict[str, Row]) -> list[str]:
    """The rows that say so, but for those of the mail domain, which is an example's."""
    about_mail = {*ABOUT_DOMAIN, "email.senders"}
    return [name for name, row in table.items() if row.ok is None and name not in about_mail]


async def test_all_is_well(home: Path) -> None:
    world = World()
    table = await rows(home, world)
    assert {name: row.ok for name, row in table.items()} == dict.fromkeys(
        [
            "configuration",
            "key",
            "consultations",
            "forms",
            "database",
            "homeserver",
            "registration",
            "ping",
            "people",
            "mail relay",
            "appservice.listen",
            "email.listen",
            "web.listen",
            "admin.listen",
        ],
        True,
    ) | dict.fromkeys([*ABOUT_DOMAIN, "email.senders"])
    assert table["ping"].said == "there and back in 12 ms"
    assert table["homeserver"].said.endswith("up to v1.12")
    assert world.answered == [True], "no bridge runs: the check answers the ping itself"


async def test_beside_a_running_bridge_its_ports_are_its_own(home: Path) -> None:
    world = World(is_running=True)
    table = await rows(home, world)
    assert all(row.ok is not False for row in table.values())
    assert table["email.listen"].said.endswith("held by the running bridge")
    assert world.answered == [False], "the running bridge answers the ping"


@pytest.mark.parametrize(
    ("world", "name", "words"),
    [
        (World(broken={"schema": Refuse("no such host")}), "database", "no such host"),
        (World(broken={"schema": Retry("locked")}), "database", "locked"),
        (World(schemas=("0009", "0001")), "database", "has schema 0009, this release knows 0001"),
        (World(broken={"versions": Refuse("refused")}), "homeserver", "refused"),
        (World(broken={"whoami": Refuse("unknown token")}), "registration", "unknown token"),
        (World(me="@folkmoot:elm.example"), "registration", "@folkmoot:elm.example"),
        (World(broken={"ping": Refuse("cannot connect")}), "ping", "cannot connect"),
        (World(users=set()), "people", "has no @clerk:alder.example"),
        (World(broken={"known": Refuse("asked in vain")}), "people", "asked in vain"),
        (World(broken={"relay": Refuse("timed out")}), "mail relay", "timed out"),
        (World(taken={2525}), "email.listen", "taken by another program"),
    ],
)
async def test_what_is_wrong_is_the_only_cross_and_has_a_remedy(
    home: Path, world: World, name: str, words: str
) -> None:
    table = await rows(home, world)
    assert [row.name for row in table.values() if row.ok is False] == [name]
    assert words in table[name].said
    assert table[name].remedy


# ------------------------------------------------------------------ the socket file


def by_socket(home: Path, path: Path) -> None:
    """Mail comes by LMTP over a socket file, and by nothing else."""
    file = home / "folkmoot.yaml"
    file.write_text(file.read_text().replace('listen: "127.0.0.1:2525"', f"listen: null\n  lmtp: {path}"))


async def test_the_folder_of_the_socket_must_be_there(home: Path) -> None:
    folder = home / "queue"
    by_socket(home, folder / "lmtp")
    row = (await rows(home, World()))["email.lmtp"]
    assert row.ok is False
    assert f"the folder {folder} does not exist" in row.said
    assert row.remedy.startswith(f"install -d -o folkmoot -g postfix -m 2750 {folder}")
    folder.mkdir()
    row = (await rows(home, World()))["email.lmtp"]
    assert (row.ok, row.said) == (True, f"{folder}/lmtp can be made")


async def test_the_folder_of_the_socket_must_be_ours(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def another_user(path: Path, mode: int) -> bool:
        asked.append((path, mode))
        return False

    by_socket(home, home / "lmtp")
    monkeypatch.setattr("bridge.doctor.parts.os.access", another_user)  # root may write everywhere
    row = (await rows(home, World()))["email.lmtp"]
    assert asked == [(home, os.W_OK | os.X_OK)]
    assert row.ok is False
    assert "not ours to write in" in row.said
    assert "ReadWritePaths" in row.remedy


async def test_a_running_bridge_has_made_its_socket(home: Path) -> None:
    path = home / "lmtp"
    by_socket(home, path)
    row = (await rows(home, World(is_running=True)))["email.lmtp"]
    assert (row.ok, row.remedy) == (False, "Look at the bridge's log")
    path.write_text("")
    row = (await rows(home, World()))["email.lmtp"]
    assert (row.ok, row.remedy) == (False, "Move it away")
    path.unlink()
    server = await asyncio.start_unix_server(lambda reader, writer: writer.close(), path)
    async with server:
        row = (await rows(home, World(is_running=True)))["email.lmtp"]
        assert (row.ok, row.said) == (True, f"{path} is the running bridge's")
    long = home / ("x" * 120)
    assert "too long" in parts.socket_file(long, False).said


async def test_what_needs_something_that_failed_is_not_looked_at(home: Path) -> None:
    table = await rows(home, World(broken={"versions": Refuse("refused")}))
    assert not_looked_at(table) == ["registration", "ping", "people"]
    (home / "registration.yaml").write_text("id: other\n")
    table = await rows(home, World())
    assert table["registration"].said == "registration.yaml: id: must be folkmoot"
    assert not_looked_at(table) == ["ping", "people"]


async def test_a_missing_registration(home: Path) -> None:
    (home / "registration.yaml").unlink()
    table = await rows(home, World())
    assert table["registration"].ok is False
    assert "No such file" in table["registration"].said


async def test_the_placeholders_of_init_are_told_apart_from_people(tmp_path: Path) -> None:
    init.write(tmp_path, ANSWERS)
    row = (await rows(tmp_path, World(users=set())))["people"]
    assert row.ok is False
    assert "@admin:alder.example, @clerk:alder.example" in row.said


async def test_faults_of_the_configuration_are_rows(home: Path) -> None:
    (home / "folkmoot.key").chmod(0o644)
    found = [row async for row in checks.check(home / "folkmoot.yaml", World())]
    assert found[0].ok is False
    assert "key_file" in found[0].said
    assert found[0].remedy == f"Run chmod 600 {home / 'folkmoot.key'}"
    assert found[-1].ok is None


async def test_faults_of_consultations_and_forms_are_rows(home: Path) -> None:
    (home / "forms" / "park-ideas.yaml").write_text("id: park-ideas\ntitle: Ideas\nfields: []\n")
    table = await rows(home, World())
    assert table["forms"].ok is False
    assert "fields" in table["forms"].said
    (home / "consultations" / "park-2027.yaml").write_text("slug: UP\n")
    table = await rows(home, World())
    assert table["consultations"].ok is False
    assert table["forms"].ok is None


# ------------------------------------------------------------------ the questions, on real sockets

Handler = Callable[[web.Request], Any]


@asynccontextmanager
async def homeserver(routes: dict[str, Handler]) -> AsyncIterator[str]:
    application = web.Application()
    for path, handler in routes.items():
        application.router.add_route("*", path, handler)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def no_schema(url: str, master: bytes) -> tuple[str | None, str]:
    raise AssertionError(url)


def outside() -> Outside:
    return Outside(no_schema, deadline=5)


async def test_a_homeserver_is_asked() -> None:
    async def versions(_: web.Request) -> web.Response:
        return web.json_response({"versions": ["v1.11"]})

    async def whoami(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer right":
            return web.json_response({"errcode": "M_UNKNOWN_TOKEN"}, status=401)
        return web.json_response({"user_id": "@folkmoot:alder.example"})

    async def profile(request: web.Request) -> web.Response:
        status = {"@a:x": 200, "@b:x": 404}.get(request.match_info["user"], 500)
        return web.json_response({}, status=status)

    routes: dict[str, Handler] = {
        "/_matrix/client/versions": versions,
        "/_matrix/client/v3/account/whoami": whoami,
        "/_matrix/client/v3/profile/{user}": profile,
    }
    async with homeserver(routes) as url:
        assert await outside().versions(url) == ["v1.11"]
        assert await outside().whoami(url, "right") == "@folkmoot:alder.example"
        with pytest.raises(Refuse, match="M_UNKNOWN_TOKEN") as caught:
            await outside().whoami(url, "wrong-and-secret")
        assert "wrong-and-secret" not in caught.value.reason
        assert await outside().known(url, "right", "@a:x")
        assert not await outside().known(url, "right", "@b:x")
        with pytest.raises(Refuse, match="500"):
            await outside().known(url, "right", "@c:x")
    with pytest.raises(Refuse, match="does not answer"):
        await outside().versions(url)


async def test_something_else_than_a_homeserver() -> None:
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="<h1>It works!</h1>")

    async with homeserver({"/{rest:.*}": hello}) as url:
        with pytest.raises(Refuse, match="not as a Matrix homeserver does"):
            await outside().versions(url)
        assert not await outside().running(Listen("127.0.0.1", int(url.rpartition(":")[2])))


async def test_a_running_bridge_is_known_by_its_admin_address() -> None:
    async def live(_: web.Request) -> web.Response:
        return web.json_response({"live": True})

    async with homeserver({"/health/live": live}) as url:
        listen = Listen("127.0.0.1", int(url.rpartition(":")[2]))
        assert await outside().running(listen)
    assert not await outside().running(listen)


async def test_the_ping_goes_both_ways() -> None:
    """The homeserver pings the listener of the check; a transaction is not swallowed by it."""
    listen = Listen("127.0.0.1", free_port())
    ours = registration.create(f"http://{listen}", "alder.example")
    seen: list[int] = []

    async def ping(request: web.Request) -> web.Response:
        if request.headers["Authorization"] != f"Bearer {ours.as_token}":
            return web.json_response({"errcode": "M_FORBIDDEN"}, status=403)
        async with aiohttp.ClientSession(ours.url) as session:
            body = await request.json()
            for token in ("other", ours.hs_token):
                headers = {"Authorization": f"Bearer {token}"}
                async with session.post("/_matrix/app/v1/ping", json=body, headers=headers) as answer:
                    seen.append(answer.status)
            headers = {"Authorization": f"Bearer {ours.hs_token}"}
            async with session.put(
                "/_matrix/app/v1/transactions/1", json={"events": []}, headers=headers
            ) as answer:
                seen.append(answer.status)
        return web.json_response({"duration_ms": 7})

    async with homeserver({"/_matrix/client/v1/appservice/folkmoot/ping": ping}) as url:
        assert await outside().ping(url, ours, listen, answer=True) == 7
        assert seen == [403, 200, 503]
        assert await outside().free(listen), "the listener is gone again"
        wrong = replace(ours, as_token="x" * 40)
        with pytest.raises(Refuse, match="M_FORBIDDEN"):
            await outside().ping(url, wrong, listen, answer=True)
        server = await asyncio.start_server(lambda r, w: w.close(), listen.host, listen.port)
        async with server:
            assert not await outside().free(listen)
            with pytest.raises(Refuse, match="cannot listen"):
                await outside().ping(url, ours, listen, answer=True)


@pytest.mark.parametrize(
    "code", ["M_URL_NOT_SET", "M_CONNECTION_FAILED", "M_CONNECTION_TIMEOUT", "M_BAD_STATUS"]
)
async def test_a_ping_that_fails_is_said_in_words(code: str) -> None:
    async def ping(_: web.Request) -> web.Response:
        return web.json_response({"errcode": code}, status=502)

    ours = registration.create("http://127.0.0.1:1", "alder.example")
    async with homeserver({"/_matrix/client/v1/appservice/folkmoot/ping": ping}) as url:
        with pytest.raises(Refuse) as caught:
            await outside().ping(url, ours, Listen("127.0.0.1", 1), answer=False)
    assert code not in caught.value.reason
    assert " " in caught.value.reason


async def test_the_relay_is_greeted_and_logged_into_but_gets_no_mail(tmp_path: Path) -> None:
    mails: list[object] = []

    class Sink:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            mails.append(envelope)
            return "250 OK"

    def authenticator(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == b"geheim", handled=False)

    def session() -> SMTP:
        return SMTP(Sink(), hostname="relay", auth_require_tls=False, authenticator=authenticator)

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    keyfile.write_secret(tmp_path / "right", "geheim\n")
    keyfile.write_secret(tmp_path / "wrong", "falsch\n")

    def relay(**more: object) -> Relay:
        return Relay.model_validate({"host": "127.0.0.1", "port": port, **more})

    async with server:
        assert await outside().relay(relay()) == "takes connections"
        login = relay(username="bridge", password_file=str(tmp_path / "right"))
        assert await outside().relay(login) == "takes connections and our login"
        with pytest.raises(Refuse) as caught:
            await outside().relay(relay(username="bridge", password_file=str(tmp_path / "wrong")))
        assert "falsch" not in caught.value.reason
        with pytest.raises(Refuse, match="STARTTLS"):
            await outside().relay(relay(tls="starttls"))
    with pytest.raises(Refuse, match=f"127.0.0.1:{port}"):
        await outside().relay(relay())
    assert mails == []


# ------------------------------------------------------------------ the command


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command looks at no real one."""
    inspect = ModuleType("bridge.ledger.inspect")
    vars(inspect)["schema"] = no_schema
    monkeypatch.setitem(sys.modules, "bridge.ledger.inspect", inspect)
    monkeypatch.setattr(bridge.ledger, "inspect", inspect, raising=False)


def test_the_command_prints_the_table_and_returns_one_for_a_cross(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bridge.look.Outside", lambda schema: World(users=set()))
    monkeypatch.setenv("COLUMNS", "160")
    arguments = ["check", "-c", str(home / "folkmoot.yaml")]
    assert main(arguments) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split()[:2] == ["✓", "configuration"] for line in lines)
    cross = next(n for n, line in enumerate(lines) if line.split()[:2] == ["✗", "people"])
    assert "→ Create them there" in lines[cross + 1]
    assert main([*arguments, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["checks"]
    assert {"name", "ok", "said", "remedy"} == set(found[0])
    assert [row["name"] for row in found if row["ok"] is False] == ["people"]
    monkeypatch.setattr("bridge.look.Outside", lambda schema: World())
    assert main(arguments) == 0
    assert "For DNS" not in capsys.readouterr().out


def test_records_to_publish_stand_below_the_table_and_are_whole_on_a_narrow_terminal(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home / "folkmoot.yaml"
    file.write_text(file.read_text().replace("consult.alder.example", DOMAIN))
    monkeypatch.setattr("bridge.look.Outside", lambda schema: World())
    monkeypatch.setattr("bridge.cli._console", lambda: Console(width=60, highlight=False))
    assert main(["check", "-c", str(file)]) == 1
    shown = capsys.readouterr().out.partition("\nFor DNS:\n")[2]
    lines = [line for line in shown.splitlines() if line and not line.startswith(";")]
    assert lines == [
        f"{DOMAIN}. 3600 IN MX 10 mail.{TOWN}.",
        f'{DOMAIN}. 3600 IN TXT "v=spf1 mx -all"',
        f'_dmarc.{DOMAIN}. 3600 IN TXT "v=DMARC1; p=quarantine; rua=mailto:postmaster@{TOWN}"',
    ]
    dns.zone.from_text(shown, origin=".", relativize=False, check_origin=False)
    assert main(["check", "-c", str(file), "--json"]) == 1
    found = {row["name"]: row for row in json.loads(capsys.readouterr().out)["checks"]}
    assert found["SPF"]["remedy"].splitlines()[1:] == [lines[1]]
