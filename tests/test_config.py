"""folkmoot.yaml: what is taken, and every fault said at once; keys and passwords."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge import config, faults, keyfile
from bridge.errors import Refuse
from bridge.faults import ConfigFaults
from tests.written import SMALLEST, installation, written


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return installation(tmp_path)


def refused(path: Path) -> dict[str, str]:
    """The faults of a configuration: key → what, and remedy."""
    with pytest.raises(ConfigFaults) as caught:
        config.load(path)
    for fault in caught.value.faults:
        assert fault.what
        assert fault.remedy
        assert str(fault.file) in str(fault)
    return {f.key: f"{f.what} | {f.remedy}" for f in caught.value.faults}


# ------------------------------------------------------------------ folkmoot.yaml


def test_the_smallest_file_gets_defaults_beside_itself(home: Path) -> None:
    found = config.load(written(home, SMALLEST))
    assert found.homeserver.url == "http://127.0.0.1:8008"
    assert found.appservice.listen == ("127.0.0.1", 29330)
    assert found.appservice.registration == home / "registration.yaml"
    assert found.database.sqlite == home / "folkmoot.db"
    assert found.database.full_url() == f"sqlite+aiosqlite:///{home}/folkmoot.db"
    assert found.consultations == home / "consultations"
    assert found.recovery_file == home / "recovery.key"
    assert found.blob_folder == home / "blobs"
    assert (found.email.undo_seconds, found.email.delimiter, found.email.max_size) == (10, "+", 25 << 20)
    assert found.email.relay.tls == "none"
    assert found.encryption.share_with == "cross_signed"
    assert found.rooms.version is None
    assert found.operators == ()
    assert found.organisation is None
    assert len(found.master_key()) == 32


def test_relative_paths_are_those_of_the_file_and_not_of_the_process(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(home, SMALLEST + "database: sqlite+aiosqlite:///data/x.db\nkey_file: ./folkmoot.key\n")
    (home / "elsewhere").mkdir()
    monkeypatch.chdir(home / "elsewhere")
    found = config.load(Path("../folkmoot.yaml"))
    assert found.database.sqlite == home / "data" / "x.db"
    assert found.key_file == home / "folkmoot.key"
    assert found.file.samefile(home / "folkmoot.yaml")


def test_every_key_of_the_documented_example_is_taken(home: Path) -> None:
    written(home, "geheim\n", "relay.password").chmod(0o600)
    found = config.load(
        written(
            home,
            """\
organisation: " Alder City "
homeserver: {url: "http://127.0.0.1:8008", server_name: "alder.example"}
appservice: {listen: "127.0.0.1:29330", registration: registration.yaml}
database: sqlite+aiosqlite:///folkmoot.db
key_file: folkmoot.key
email:
  domain: consult.alder.example
  listen: 127.0.0.1:2525
  relay: {host: mail.alder.example, port: 587, tls: starttls, username: bridge, password_file: relay.password}
  undo_seconds: 0
  delimiter: "-"
  max_size: 10MB
web: {listen: "[::1]:8080", public_url: "https://consult.alder.example/"}
operators: ["@admin:alder.example"]
admin: {listen: "127.0.0.1:9330"}
consultations: consultations/
encryption: {share_with: all}
rooms: {version: 11}
log: {level: debug}
""",
        )
    )
    assert found.organisation == "Alder City"
    assert found.email.relay.password() == "geheim"
    assert found.web.listen == ("::1", 8080)
    assert str(found.web.listen) == "[::1]:8080"
    assert found.web.public_url == "https://consult.alder.example"
    assert found.email.max_size == 10_000_000
    assert found.rooms.version == "11"
    assert "geheim" not in repr(found)


def test_all_faults_are_told_at_once_in_the_order_of_the_file(home: Path) -> None:
    path = written(
        home,
        """\
organisation: "two\\nlines"
homeserver: {url: "alder", server: alder.example}
key_file: missing.key
email:
  listen: 25
  relay: {host: mail.example, tls: maybe}
  undo_seconds: 99999
operators: [clerk]
rooms: {version: 9}
colour: red
database: mysql://x
""",
    )
    told = refused(path)
    assert set(told) == {
        "organisation",
        "homeserver.url",
        "homeserver.server",
        "homeserver.server_name",
        "key_file",
        "email.domain",
        "email.listen",
        "email.relay.tls",
        "email.undo_seconds",
        "operators.0",
        "rooms.version",
        "colour",
        "database.url",
    }
    assert "Did you mean server_name?" in told["homeserver.server"]
    assert "Write 'none', 'starttls' or 'tls'" in told["email.relay.tls"]
    assert "sqlite+aiosqlite:///folkmoot.db" in told["database.url"]
    with pytest.raises(ConfigFaults) as caught:
        config.load(path)
    lines = [fault.line for fault in caught.value.faults]
    assert lines == sorted(lines, key=lambda line: line or 0)
    assert next(f for f in caught.value.faults if f.key == "email.relay.tls").line == 6
    assert len(caught.value.reason.splitlines()) == len(lines)


def test_an_unknown_key_hides_nothing_that_does_not_go_together(home: Path) -> None:
    told = refused(
        written(
            home,
            """\
homeserver: {url: "http://127.0.0.1:8008", server_name: alder.example}
colour: red
email:
  domain: consult.alder.example
  listen: "127.0.0.1:8080"
  relay: {username: x, pasword_file: y}
  imap: [{host: h, username: u, password_file: none, tsl: none, tls: none}]
  senders: {check: hop, server: mx}
""",
        )
    )
    assert set(told) == {
        "colour",
        "email.relay",
        "email.relay.pasword_file",
        "email.imap.0.tsl",
        "email.imap.0.password_file",
        "email.senders",
        "email.senders.server",
    }
    assert "no authserv_id" in told["email.senders"]
    assert "one of username and password_file" in told["email.relay"]
    right = SMALLEST.replace("consult.alder.example", "consult.alder.example, listen: '127.0.0.1:8080'")
    assert set(refused(written(home, right + "colour: red\n"))) == {"colour", ""}, "the ports, too"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", None, "is empty"),
        ("- a\n- b\n", None, "not a list of keys"),
        ("a: [1\nb: 2\n", 2, "is not YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, "a stands there twice. Remove one of the two; the first is in line 1"),
        ("x: {b: 1, b: 2}\n", 1, "x.b stands there twice"),
        (
            "e:\n  a: 1\ne:\n  b: 2\n",
            3,
            "twice. Put its lines under the first, in line 1, and take this `e:`",
        ),
        ("a: &a [*a]\n", None, "is not YAML"),
        ("? [a]\n: b\n", None, "is not YAML"),
        ("a: !!python/object:os.system {}\n", 1, "is not YAML"),
        ("a: 2027-99-99\n", None, "is not YAML"),
    ],
)
def test_what_is_not_a_mapping_is_one_clear_fault(
    tmp_path: Path, text: str, line: int | None, words: str
) -> None:
    with pytest.raises(ConfigFaults) as caught:
        faults.read(written(tmp_path, text))
    (fault,) = caught.value.faults
    assert words in str(fault)
    assert fault.line == line


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"a: \xe4\n")
    (tmp_path / "large").write_bytes(b"#" * (faults.MAX_FILE + 1))
    for name, words in (
        ("none", "no such file"),
        ("latin", "UTF-8"),
        ("large", "1 MB"),
        (".", "is a directory"),
    ):
        with pytest.raises(ConfigFaults, match=words):
            faults.read(tmp_path / name)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.one_of(
        st.text(max_size=200).map(lambda t: t.encode()),
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(
                    st.sampled_from([*config.Config.model_fields, *config.Email.model_fields, "x"]),
                    inner,
                    max_size=6,
                )
            ),
            max_leaves=20,
        ).map(lambda value: yaml.safe_dump(value, allow_unicode=False).encode()),
    )
)
def test_garbage_is_refused_with_faults_and_nothing_else(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "folkmoot.yaml").write_bytes(raw)
    with pytest.raises(ConfigFaults) as caught:
        config.load(tmp_path / "folkmoot.yaml")
    assert caught.value.faults


@pytest.mark.parametrize(
    ("group", "key", "words"),
    [
        (
            "email: {domain: a.example, relay: {username: x}}",
            "email.relay",
            "one of username and password_file",
        ),
        ("email: {domain: a.example, listen: '127.0.0.1:8080'}", "", "web.listen want the same port"),
        ("email: {domain: a.example, listen: '0.0.0.0:8080'}", "", "web.listen want the same port"),
        ("email: {domain: a.example, listen: '127.0.0.1:0'}", "email.listen", "not an address"),
        ("email: {domain: 'a b'}", "email.domain", "not a mail domain"),
        ("email: {domain: a.example, max_size: 1KB}", "email.max_size", "64KiB to 100MiB"),
        (
            "email: {domain: a.example, relay: {password_file: none}}",
            "email.relay.password_file",
            "no such file",
        ),
        ("email: {domain: a.example}\ndatabase: 'postgresql://h/d'", "database.url", "not a database"),
        (
            "email: {domain: a.example}\n"
            "database: {url: 'postgresql+asyncpg://u:p@h/d', password_file: folkmoot.key}",
            "database",
            "its own password",
        ),
        (
            "email: {domain: a.example}\nweb: {public_url: 'https://a.example/?x'}",
            "web.public_url",
            "web address",
        ),
    ],
)
def test_single_faults(home: Path, group: str, key: str, words: str) -> None:
    told = refused(written(home, SMALLEST.splitlines()[0] + "\n" + group + "\n"))
    assert words in told[key]


def test_a_password_crosses_no_network_in_the_clear(home: Path) -> None:
    written(home, "geheim\n", "password").chmod(0o600)
    relay = "{host: HOST, username: x, password_file: password, tls: TLS}"
    text = SMALLEST.replace("example}\n", f"example, relay: {relay}}}\n", 2).replace(
        f"alder.example, relay: {relay}}}\nemail", "alder.example}\nemail"
    )
    assert (
        "in the clear"
        in refused(written(home, text.replace("HOST", "mail.example").replace("TLS", "none")))["email.relay"]
    )
    for host, tls in (("mail.example", "tls"), ("127.0.0.1", "none")):
        config.load(written(home, text.replace("HOST", host).replace("TLS", tls)))


@pytest.mark.parametrize(
    ("text", "mode", "what", "remedy"),
    [
        (None, 0o600, "no such file", "Make the file, with the secret on its first line, or mend the path"),
        ("word\n", 0o644, "is open to other users", "Run chmod 600 {path}"),
        ("", 0o600, "is empty", "Put the secret alone on the file's first line"),
        ("word" * 2000, 0o600, "is too long", "Put the secret alone on the file's first line"),
    ],
)
def test_each_fault_of_a_secret_has_its_own_remedy(
    home: Path, text: str | None, mode: int, what: str, remedy: str
) -> None:
    if text is not None:
        written(home, text, "word").chmod(mode)
    relay = "relay: {host: m.example, tls: tls, username: x, password_file: word}"
    told = refused(
        written(home, SMALLEST.replace("consult.alder.example", f"consult.alder.example, {relay}"))
    )
    assert set(told) == {"email.relay.password_file"}
    said, _, advice = told["email.relay.password_file"].partition(" | ")
    assert what in said
    assert advice == remedy.format(path=home / "word")


def test_a_secret_of_somebody_else_and_a_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(keyfile.Unusable, match="not a folder"):
        keyfile.read_secret(home)

    def closed(path: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", closed)  # root may read everything
    with pytest.raises(keyfile.Unusable, match=f"chown folkmoot: {home}/word"):
        keyfile.read_secret(home / "word")


def test_what_signs_must_be_a_private_key(home: Path) -> None:
    text = SMALLEST.replace(
        "consult.alder.example", "consult.alder.example, dkim: {selector: s, key_file: k}"
    )
    assert "make a key: folkmoot dkim-key" in refused(written(home, text))["email.dkim.key_file"]
    for wrong in ("hunter2\n", "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----\n"):
        written(home, wrong, "k").chmod(0o600)
        told = refused(written(home, text))["email.dkim.key_file"]
        assert "is not a private key in PEM | Name the file that `folkmoot dkim-key` wrote" in told
        assert "hunter2" not in told


def test_the_database_password_comes_from_its_file(home: Path) -> None:
    written(home, "p@ss/word\n", "password").chmod(0o600)
    text = "database: {url: 'postgresql+asyncpg://u@h/d', password_file: password}\n"
    found = config.load(written(home, SMALLEST + text))
    assert found.database.full_url() == "postgresql+asyncpg://u:p%40ss%2Fword@h/d"
    assert found.database.sqlite is None
    assert found.blob_folder == home / "blobs"
    assert "p%40ss" not in repr(found)


def test_a_value_in_the_wrong_place_is_not_repeated(home: Path) -> None:
    text = SMALLEST.replace("consult.alder.example", "consult.alder.example, password: hunter2")
    with pytest.raises(ConfigFaults) as caught:
        config.load(written(home, text + "database: {url: 'mysql://u:hunter2@h/d'}\n"))
    assert len(caught.value.faults) == 2
    assert "hunter2" not in caught.value.reason


# ------------------------------------------------------------------ keys and passwords


def test_a_new_key_is_read_back_and_closed(tmp_path: Path) -> None:
    path = tmp_path / "k"
    keyfile.write_secret(path, keyfile.new_key())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(keyfile.read_key(path)) == 32
    with pytest.raises(FileExistsError):
        keyfile.write_secret(path, "x")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\0" * 32, "not random"),
        (b"change-me" * 3 + b"12345", "not random"),
        (bytes(range(32)), "not random"),
        (bytes(range(255, 223, -1)), "not random"),
        (os.urandom(31), "exactly 32"),
        (os.urandom(64), "exactly 32"),
    ],
    ids=["zeros", "a phrase", "counting", "counting down", "too short", "too long"],
)
def test_keys_that_are_no_keys(tmp_path: Path, raw: bytes, words: str) -> None:
    path = tmp_path / "k"
    keyfile.write_secret(path, base64.b64encode(raw).decode())
    with pytest.raises(Refuse, match=words):
        keyfile.read_key(path)


@pytest.mark.parametrize("text", ["", "\n", "not base64!", "x" * 5000])
def test_key_files_without_a_key(tmp_path: Path, text: str) -> None:
    path = tmp_path / "k"
    keyfile.write_secret(path, text)
    with pytest.raises(Refuse):
        keyfile.read_key(path)


@pytest.mark.parametrize(("mode", "fine"), [(0o600, True), (0o640, True), (0o644, False), (0o660, False)])
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, mode: int, fine: bool) -> None:
    path = tmp_path / "k"
    keyfile.write_secret(path, keyfile.new_key())
    path.chmod(mode)
    if fine:
        keyfile.read_key(path)
    else:
        with pytest.raises(Refuse, match=f"chmod 600 {path}"):
            keyfile.read_key(path)
