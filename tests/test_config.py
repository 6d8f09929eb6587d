"""folkmoot.yaml and the consultations' files: what is taken, and every fault said at once."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge import config, consultations, faults, keyfile
from bridge.casework import texts
from bridge.errors import Refuse
from bridge.faults import ConfigFaults
from bridge.forms.words import TABLES

SMALLEST = """\
homeserver: {url: "http://127.0.0.1:8008/", server_name: alder.example}
email: {domain: consult.alder.example}
"""

PARK = """\
slug: park-2027
title: Riverside Park 2027
languages: [en]
mailbox: park-2027
staff: ["@clerk:alder.example"]
partners:
  - {name: Birch County, server: birch.example, officers: ["@officer:birch.example"], may_reply: true}
forms: [../forms/park-ideas.yaml]
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    keyfile.write_secret(tmp_path / "folkmoot.key", keyfile.new_key())
    (tmp_path / "consultations").mkdir()
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / "park-ideas.yaml").write_text("id: park-ideas\ntitle: Ideas\n")
    return tmp_path


def written(folder: Path, text: str, name: str = "folkmoot.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


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
    assert next(f for f in caught.value.faults if f.key == "email.relay.tls").line == 5
    assert len(caught.value.reason.splitlines()) == len(lines)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", None, "is empty"),
        ("- a\n- b\n", None, "not a list of keys"),
        ("a: [1\nb: 2\n", 2, "is not YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, "stands there twice"),
        ("x: {b: 1, b: 2}\n", 1, "x.b stands there twice"),
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


# ------------------------------------------------------------------ consultations


def test_a_consultation_as_documented(home: Path) -> None:
    loaded = consultations.load_consultation(written(home / "consultations", PARK, "park.yaml"))
    found = loaded.consultation
    assert (found.slug, found.mailbox, found.title) == ("park-2027", "park-2027", "Riverside Park 2027")
    assert found.people == ("@clerk:alder.example", "@officer:birch.example")
    assert found.may_reply("@officer:birch.example")
    assert found.forms == ("park-ideas",)
    assert loaded.form_paths == (home / "forms" / "park-ideas.yaml",)


def test_a_consultation_may_speak_what_the_bridge_and_its_pages_speak() -> None:
    assert set(consultations.LANGUAGES) == set(texts.WORDS) == set(TABLES)


def test_the_digest_follows_meaning_and_forms(home: Path) -> None:
    path = written(home / "consultations", PARK, "park.yaml")
    first = consultations.load_consultation(path).digest
    written(
        home / "consultations",
        "# said otherwise\n" + PARK.replace("slug: park-2027", "slug: 'park-2027'"),
        "park.yaml",
    )
    assert consultations.load_consultation(path).digest == first
    written(home / "forms", "id: park-ideas\ntitle: Other\n", "park-ideas.yaml")
    second = consultations.load_consultation(path).digest
    assert second != first
    written(home / "consultations", PARK.replace("may_reply: true", "may_reply: false"), "park.yaml")
    assert consultations.load_consultation(path).digest not in {first, second}


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ("slug: park-2027", "slug: Park", "slug", "not a slug"),
        ("slug: park-2027", "slug: " + "a" * 25, "slug", "at most 24"),
        ("slug: park-2027", "slug: park-", "slug", "not a slug"),
        ("mailbox: park-2027", "mailbox: postmaster", "mailbox", "keeps for itself"),
        ("mailbox: park-2027", "mailbox: a+b", "mailbox", "not a slug"),
        ("title: Riverside Park 2027", 'title: "a\\nb"', "title", "one line"),
        ("[en]", "[en, xx]", "languages.1", "Write one of en"),
        ("[en]", "[no]", "languages.0", ""),
        ("[en]", "[]", "languages", ""),
        ("[en]", "[en, en]", "", "languages name en twice"),
        ('"@clerk:alder.example"', "clerk", "staff.0", "not a Matrix user ID"),
        ('["@clerk:alder.example"]', "[]", "staff", ""),
        ('"@clerk:alder.example"', '"@officer:birch.example"', "", "staff and officers name"),
        ("server: birch.example", "server: elm.example", "partners.0", "who is not of elm.example"),
        ("server: birch.example", "server: 'birch example'", "partners.0.server", "homeserver's name"),
        ("may_reply: true", "may_answer: true", "partners.0.may_answer", "Did you mean may_reply?"),
        ("park-ideas.yaml]", "none.yaml]", "forms.0", "which is no file"),
        ("park-ideas.yaml]", "park-ideas.yaml, ../forms/park-ideas.yaml]", "", "forms name"),
    ],
)
def test_faults_of_a_consultation(home: Path, old: str, new: str, key: str, words: str) -> None:
    assert old in PARK
    path = written(home / "consultations", PARK.replace(old, new), "park.yaml")
    with pytest.raises(ConfigFaults) as caught:
        consultations.load_consultation(path)
    told = {f.key: str(f) for f in caught.value.faults}
    assert key in told
    assert words in told[key]


def test_a_form_without_an_id_is_named(home: Path) -> None:
    written(home / "forms", "title: Ideas\n", "park-ideas.yaml")
    with pytest.raises(ConfigFaults, match=r"park-ideas.yaml: id is missing"):
        consultations.load_consultation(written(home / "consultations", PARK, "park.yaml"))


def test_the_folder_is_read_in_the_order_of_its_names(home: Path) -> None:
    found = config.load(written(home, SMALLEST))
    assert consultations.load_all(found) == []
    folder = home / "consultations"
    written(folder, PARK, "b.yml")
    written(folder, PARK.replace("park-2027", "budget").replace("forms:", "forms: [] #"), "a.yaml")
    written(folder, "no consultation", "notes.txt")
    assert [one.consultation.slug for one in consultations.load_all(found)] == ["budget", "park-2027"]


def test_slugs_mailboxes_and_forms_belong_to_one_consultation(home: Path) -> None:
    found = config.load(written(home, SMALLEST))
    folder = home / "consultations"
    formless = PARK.replace("forms:", "forms: [] #")
    written(folder, PARK, "a.yaml")
    written(folder, formless.replace("mailbox: park-2027", "mailbox: other"), "b.yaml")
    written(folder, formless.replace("slug: park-2027", "slug: other"), "c.yaml")
    written(folder, PARK.replace("park-2027", "another"), "d.yaml")
    written(folder, "slug: UP\n", "e.yaml")
    with pytest.raises(ConfigFaults) as caught:
        consultations.load_all(found)
    told = sorted((f.file.name, f.key) for f in caught.value.faults)
    broken = [("e.yaml", "slug"), ("e.yaml", "staff"), ("e.yaml", "title")]
    assert told == [("b.yaml", "slug"), ("c.yaml", "mailbox"), ("d.yaml", "forms"), *broken]
    assert "a.yaml" in str(next(f for f in caught.value.faults if f.key == "forms"))


def test_a_missing_folder_is_a_fault_of_the_configuration(home: Path) -> None:
    found = config.load(written(home, SMALLEST + "consultations: none\n"))
    with pytest.raises(
        ConfigFaults, match=r"folkmoot.yaml: consultations names .*none, which is not a folder"
    ):
        consultations.load_all(found)
