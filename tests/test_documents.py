"""The documents say what is: their links, settings, commands and examples are held against the code."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from bridge import config, consultations, keyfile, mailwing
from bridge.appservice import labels, registration, render
from bridge.appservice.settings import MatrixSettings
from bridge.casework import commands, holding, mailing
from bridge.cli import main
from bridge.dispatch import MAIL_DAYS
from bridge.doctor import examine, parts
from bridge.email import compose, signing
from bridge.email.quoting import Quoted
from bridge.email.settings import Allowance, Listen
from bridge.ledger import housekeeping
from bridge.model import Mark, Status

ROOT = Path(__file__).parent.parent
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
DOCUMENTS += [f"docs/{name}.md" for name in ("operators", "email", "forms", "staff", "partners")]


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    links = [m[1] for m in re.finditer(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text_of(name)) if "://" not in m[1]]
    assert [link for link in links if not ((ROOT / name).parent / link).exists()] == []


def anchors(name: str) -> set[str]:
    """What can stand behind the # of a link: the headings, as a forge names them."""
    headings = re.findall(r"^#+ (.+)$", text_of(name), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_to_a_heading(name: str) -> None:
    here = (ROOT / name).parent
    links = [m for m in re.findall(r"\]\(([^)#\s]*)#([^)]+)\)", text_of(name)) if "://" not in m[0]]
    for file, anchor in links:
        target = (here / file).resolve().relative_to(ROOT) if file else Path(name)
        assert anchor in anchors(str(target)), f"{file}#{anchor}"


def test_the_six_steps_make_the_user_that_the_other_pages_name() -> None:
    steps = text_of("README.md").split("in six steps")[1].split("\n## ")[0]
    assert "docs/operators.md#a-user-of-its-own" in steps
    section = text_of("docs/operators.md").split("## A user of its own")[1].split("\n## ")[0]
    for command in ("useradd --system", "chown -R folkmoot:folkmoot", "usermod -aG folkmoot matrix-synapse"):
        assert f"\n{command}" in section
    assert "User=folkmoot" in text_of("docs/operators.md") and "-o folkmoot" in text_of("docs/email.md")


def test_the_example_registration_is_the_one_the_code_writes() -> None:
    assert text_of("registration.yaml.example") == registration.example()


def group(annotation: Any) -> type[BaseModel] | None:
    """The group of keys that a setting is, may be, or is a list of."""
    if isinstance(annotation, type) and issubclass(annotation, config.Section):
        return None if annotation is config.Database else annotation
    return next(filter(None, map(group, get_args(annotation))), None)


def settings(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = group(field.annotation)
        if inner is not None:
            yield from settings(inner, f"{prefix}{name}.")
        if inner is None or get_origin(field.annotation) is tuple:
            yield prefix + name


def test_every_setting_is_in_the_operators_table_and_no_other() -> None:
    section = text_of("docs/operators.md").split("## folkmoot.yaml")[1].split("\n## ")[0]
    told: list[str] = []
    for row in re.findall(r"^\| (`.+?) \|", section, re.MULTILINE):
        for name in re.findall(r"`([^`]+)`", row):
            told.append(told[-1].rpartition(".")[0] + name if name.startswith(".") else name)
    assert sorted(told) == sorted(settings(config.Config))


def test_the_consultation_of_the_operators_page_is_one(tmp_path: Path) -> None:
    section = text_of("docs/operators.md").split("## A consultation")[1]
    found = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    assert found is not None
    (tmp_path / "forms").mkdir()
    (tmp_path / "consultations").mkdir()
    (tmp_path / "forms" / "park-ideas.yaml").write_text("id: park-ideas\n")
    (tmp_path / "consultations" / "park.yaml").write_text(found[1], "utf-8")
    loaded = consultations.load_consultation(tmp_path / "consultations" / "park.yaml")
    assert loaded.consultation.people == ("@clerk:alder.example", "@officer:birch.example")


def test_every_command_and_option_that_is_written_exists(capsys: pytest.CaptureFixture[str]) -> None:
    prose = [re.sub(r"```.*?```", "", text_of(name), flags=re.DOTALL) for name in DOCUMENTS]
    spans = [span for text in prose for span in re.findall(r"`([^`]+)`", text)]
    written = {" ".join(span.split()) for span in spans if span.startswith("folkmoot ")}
    helps = {}
    for command in [
        "init",
        "run",
        "check",
        "apply",
        "list",
        "check-form",
        "form-schema",
        "qr",
        "dkim-key",
        "demo",
    ]:
        assert main([command, "--help"]) == 0
        helps[command] = capsys.readouterr().out
    assert {line.split()[1] for line in written} == set(helps)
    for line in written:
        for option in re.findall(r"(?<![\w-])(--[a-z-]+|-c)\b", line):
            assert option in helps[line.split()[1]], line


def test_the_six_steps_of_the_readme_make_a_valid_installation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = re.search(r"`folkmoot init /etc/folkmoot ([^`]+)`", text_of("README.md"))
    assert found is not None
    assert main(["init", str(tmp_path), *found[1].split()]) == 0
    assert len(consultations.load_all(config.load(tmp_path / "folkmoot.yaml"))) == 1
    assert len(re.findall(r"^\d\. \*\*", text_of("README.md"), re.MULTILINE)) == 6


def test_the_page_for_staff_has_every_mark_and_command() -> None:
    page = text_of("docs/staff.md")
    assert [mark for mark in Mark if mark.value not in page] == []
    told = set(re.findall(r"`!([a-z]+)", page))
    assert told == {*commands.WORDS, *holding.WORDS, mailing.WORD}


def test_the_page_for_staff_has_every_status() -> None:
    section = text_of("docs/staff.md").split("| status | |")[1].split("\n\n")[0]
    told = re.findall(r"^\| ([a-z]+) \|", section, re.MULTILINE)
    assert told == [labels.word("en", status.value) for status in Status]
    line = re.search(
        r"^> (.*)$", text_of("docs/staff.md").split("## What you see of a case")[1], re.MULTILINE
    )
    assert line is not None
    status = labels.status("en", "open", None, "verified")
    head = render.head("PARK-7F3K-9Q", status, labels.word("en", "email"), "Ada Citizen", "A bench")
    assert line[1].replace("**", "") == head["body"]


def test_the_mail_on_the_page_for_staff_is_what_goes_out() -> None:
    mail = compose.OutMail(
        sender="park-2027@consult.alder.example",
        to="ada@home.example",
        reply_to="park-2027+a7q@consult.alder.example",
        message_id="<1@consult.alder.example>",
        date=1.8e9,
        subject="A bench",
        text="Yes, two of them.",
        to_name="Ada Citizen",
        from_name="Robin Officer",
        organisation="Birch County",
        reference="PARK-7F3K-9Q",
        title="Riverside Park 2027",
        signature="Birch County, Parks and Rivers\nTelephone 01632 960042",
        quoted=Quoted("Ada Citizen", 1.8e9, "Could there be a bench by the river?"),
    )
    sent = message_from_bytes(compose.compose(mail), policy=policy.default)
    body = sent.get_body(("plain",))
    assert body is not None
    shown = re.search(r"```\n(From: .*?)```", text_of("docs/staff.md"), re.DOTALL)
    assert shown is not None
    head, _, text = shown[1].partition("\n\n")
    assert head.splitlines() == [f"From: {sent['From']}".replace('"', ""), f"Subject: {sent['Subject']}"]
    assert text.split() == body.get_content().split()
    [largest] = [
        field.default for field in dataclasses.fields(MatrixSettings) if field.name == "largest_file"
    ]
    assert largest == 50 << 20 and "up to 50 MB each" in text_of("docs/staff.md")


# ------------------------------------------------------------------ the page about mail


DOORS = ("server", "session", "data", "envelope", "connection", "lmtp")


def blocks(name: str) -> list[str]:
    """The YAML of the page about mail that is a whole file `name`, as its first line says."""
    found = re.findall(r"^```yaml\n(.*?)^```", text_of("docs/email.md"), re.DOTALL | re.MULTILINE)
    return [text for text in found if text.startswith(f"# {name}\n")]


def postfix_settings() -> dict[str, str]:
    """The lines for main.cf on the page about mail, as Postfix reads them."""
    found = re.search(r"In `/etc/postfix/main.cf`.*?```\n(.*?)```", text_of("docs/email.md"), re.DOTALL)
    assert found is not None
    lines = [line for line in found[1].splitlines() if not line.startswith("#")]
    whole = re.sub(r"\n[ \t]+", " ", "\n".join(lines))
    return dict((name, " ".join(value.split())) for name, value in re.findall(r"(\w+) = (.*)", whole))


def test_the_lines_for_postfix_take_nothing_away() -> None:
    """What a mail server has already is added to, in an order that keeps its own people's logins."""
    page = text_of("docs/email.md")
    lines = page.split("# Add to what is there")[1].split("\n# New")[0]
    for name in ("relay_domains", "transport_maps", "smtpd_recipient_restrictions"):
        assert f"\n{name} = " in lines
    assert "\nsmtpd_milters = " in page.split("# Only if you have it: rspamd.")[1].split("```")[0]
    assert postfix_settings()["smtpd_recipient_restrictions"].split(", ") == [
        "permit_mynetworks",
        "permit_sasl_authenticated",
        "reject_unauth_destination",
        "check_recipient_access hash:/etc/postfix/ask_folkmoot",
    ]
    for text in blocks("folkmoot.yaml"):
        assert not re.search(r"^  scanner:", text, re.MULTILINE), "a scanner is marked: only if you have it"


def installed(folder: Path, text: str) -> config.Config:
    """A configuration in `folder`, with the secrets that it names beside it."""
    keyfile.write_secret(folder / "folkmoot.key", keyfile.new_key())
    for name in set(re.findall(r"_file: ([\w.-]+\.(?:password|pem))", text)):
        keyfile.write_secret(
            folder / name, signing.new_key("ed25519") if name.endswith(".pem") else "secret\n"
        )
    (folder / "folkmoot.yaml").write_text(text, "utf-8")
    return config.load(folder / "folkmoot.yaml")


def test_the_page_about_mail_shows_three_ways() -> None:
    assert len(blocks("folkmoot.yaml")) == 3
    assert len(blocks("dns.yaml")) == 1


@pytest.mark.parametrize("text", blocks("folkmoot.yaml"))
def test_every_configuration_of_the_page_about_mail_is_one(tmp_path: Path, text: str) -> None:
    found = installed(tmp_path, text).email
    assert found.domain == "consult.alder.example"
    assert sum(map(bool, (found.listen, found.lmtp, found.imap))) == 1
    assert found.senders.check == "own"


async def test_the_records_of_the_page_about_mail_take_the_place_of_name_servers(tmp_path: Path) -> None:
    (tmp_path / "dns.yaml").write_text(blocks("dns.yaml")[0], "utf-8")
    way = re.search(r"`(senders: \{[^`]*dns\.yaml\})`", " ".join(text_of("docs/email.md").split()))
    assert way is not None
    least = 'homeserver: {url: "http://127.0.0.1:8008", server_name: a.example}\n'
    found = installed(tmp_path, f"{least}email: {{domain: consult.alder.example, {way[1]}}}\n")
    asked = mailwing.resolver(found.email)
    assert await asked.txt("_dmarc.home.example") == [b"v=DMARC1; p=reject"]
    assert await asked.mx("home.example") == [(10, "mx.home.example")]
    assert await asked.addresses("mx.home.example") == ["192.0.2.8"]


def test_the_limits_that_the_page_about_mail_tells_are_those_that_hold() -> None:
    page = " ".join(text_of("docs/email.md").split())
    allowed, door = Allowance(), Listen()
    for sentence in (
        f"{allowed.connections_per_address} connections at once from an address",
        f"{allowed.connections_per_network} from a network, {allowed.connections} in all",
        f"{allowed.new_per_address} new ones a minute from an address and {allowed.new_per_network} from",
        f"{allowed.mails_per_address} mails a minute from an address and {allowed.mails_per_network} from",
        f"{allowed.mails_per_connection} mails and {allowed.errors_per_connection} refused commands",
        f"more than {door.max_recipients} recipients",
        f"more than {door.max_received} `Received`",
        f"more than {door.max_held >> 20} MiB",
        f"({door.pressed:.0f} seconds when all lines are taken)",
    ):
        assert sentence in page, sentence
    assert housekeeping.RAW_DAYS == 7 and "sealed in the bridge's database for seven days" in page
    assert housekeeping.REPEAT_DAYS == 60 and "remembered for sixty days" in page
    assert MAIL_DAYS == 5 and "tried again for up to five days" in page


def test_the_page_about_mail_tells_every_row_of_the_check() -> None:
    section = (
        text_of("docs/email.md").split("The rows of `folkmoot check` about mail.")[1].split("| you see")[0]
    )
    told = [
        name for row in re.findall(r"^\| (`.+?) \|", section, re.MULTILINE) for name in row.split("`")[1::2]
    ]
    doors = ["email.listen", "email.listen_tls", "email.lmtp"]
    beside = [parts.CERTIFICATE, parts.SENDERS, parts.SCANNER, parts.mailbox_name(0)]
    assert told == ["mail relay", *examine.DOMAIN, *beside, *doors]


def test_the_page_about_mail_tells_every_answer_of_the_doors() -> None:
    source = "".join((ROOT / "bridge" / "email" / f"{name}.py").read_text("utf-8") for name in DOORS)
    section = text_of("docs/email.md").split("## What the bridge answers")[1].split("\n## ")[0]
    told = re.findall(r"^\| `([\d. ]+)` \|", section, re.MULTILINE)
    given = re.findall(r'"((?:421|45\d|55\d) \d\.\d\.\d) ', source)
    assert sorted(told) == sorted({"250 2.0.0", *given})
