"""The consultations' files: what is taken, and every fault said at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge import config, consultations, specs
from bridge.casework import texts
from bridge.faults import ConfigFaults
from bridge.forms.words import TABLES
from tests.written import PARK, SMALLEST, installation, written


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return installation(tmp_path)


def test_a_consultation_as_documented(home: Path) -> None:
    loaded = consultations.load_consultation(written(home / "consultations", PARK, "park.yaml"))
    found = loaded.consultation
    assert (found.slug, found.mailbox, found.title) == ("park-2027", "park-2027", "Riverside Park 2027")
    assert found.people == ("@clerk:alder.example", "@officer:birch.example")
    assert found.may_reply("@officer:birch.example")
    assert found.forms == ("park-ideas",)
    assert loaded.form_paths == (home / "forms" / "park-ideas.yaml",)


def test_a_consultation_may_speak_what_the_bridge_and_its_pages_speak() -> None:
    assert set(consultations.LANGUAGES) == set(texts.WORDS) < set(TABLES)


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


def test_each_organisation_signs_its_own_mails(home: Path) -> None:
    text = PARK + "signature: |\n  Alder City\n  Town hall, 1 Market Street\n"
    text = text.replace("may_reply: true}", "may_reply: true, signature: Birch County}")
    found = consultations.load_consultation(written(home / "consultations", text, "park.yaml")).consultation
    assert found.signs("@clerk:alder.example") == "Alder City\nTown hall, 1 Market Street"
    assert found.signs("@officer:birch.example") == "Birch County"
    assert specs.load(specs.dump(found)) == found


@pytest.mark.parametrize("block", ["|\n" + "  line\n" * 13, '"a\\u202eb"'])
def test_a_signature_is_a_short_block(home: Path, block: str) -> None:
    with pytest.raises(ConfigFaults, match="signature"):
        consultations.load_consultation(
            written(home / "consultations", f"{PARK}signature: {block}\n", "park.yaml")
        )
