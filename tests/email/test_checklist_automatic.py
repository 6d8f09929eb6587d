"""The list of automatic mail, item by item: what is never answered, and what ours say of themselves."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.email.parse import read
from bridge.ledger.tables import events
from tests.email.mails import DOMAIN, mail
from tests.email.office import ADA, PARK, Office, address_in, field_of, kinds, opened, shown
from tests.ledger.home import said

DAY = 86_400


@pytest.fixture
async def office(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(migrated_sqlite, tmp_path) as office:
        yield office


def letter(body: str = "Hello park.", **fields: str) -> bytes:
    return mail(body, **{"from": f"Ada Citizen <{ADA}>", "to": PARK, **fields})


AUTOMATIC = [
    {"auto_submitted": "auto-generated"},
    {"auto_submitted": "auto-replied (vacation)"},
    {"auto_submitted": "auto-notified; owner-email=x@home.example"},
    {"list_id": "<news.home.example>"},
    {"list_unsubscribe": "<https://home.example/leave>"},
    {"list_post": "NO"},
    {"precedence": "bulk"},
    {"precedence": "LIST"},
    {"precedence": "junk"},
    {"x_auto_response_suppress": "OOF, AutoReply"},
    {"from": f"budget@{DOMAIN}"},
    {"from": f"Park <park-2027@{DOMAIN.upper()}>"},
]


@pytest.mark.parametrize("fields", AUTOMATIC, ids=str)
async def test_nothing_is_answered_that_a_machine_wrote(office: Office, fields: dict[str, str]) -> None:
    """Auto-Submitted that is not `no`, a List-* field, Precedence, suppression, or our own domain."""
    sent = await office.come(letter(**fields))
    assert shown(sent, "words") == "Hello park." and "sent automatically" in shown(sent)
    assert office.sink.taken == []


@pytest.mark.parametrize("path", ["", "<>", f"bounces@{DOMAIN}", "MAILER-DAEMON@home.example"])
async def test_nothing_is_answered_whose_return_path_is_null_or_ours(office: Office, path: str) -> None:
    """A null return path, a robot's, or our own: no answer."""
    await office.come(letter(), mail_from=path)
    assert office.sink.taken == [] and len(await office.cases()) == 1


@pytest.mark.parametrize(
    "fields",
    [{}, {"auto_submitted": "no"}, {"precedence": "first-class"}, {"from": "list@home.example"}],
    ids=str,
)
async def test_what_a_person_wrote_is_acknowledged(office: Office, fields: dict[str, str]) -> None:
    """The other side: `Auto-Submitted: no` and the like are people's."""
    await office.come(letter(**fields))
    assert len(office.sink.taken) == 1


async def test_ours_say_that_they_are_automatic_and_have_a_null_return_path(office: Office) -> None:
    """An acknowledgement says Auto-Submitted, asks for no answer, and comes from nowhere."""
    await office.come(letter())
    (ack,) = office.sink.taken
    assert ack.mail_from == ""
    assert field_of(ack, "Auto-Submitted") == "auto-replied"
    assert field_of(ack, "X-Auto-Response-Suppress") == "All"
    answer = await office.answer("A person wrote this.")
    assert answer.mail_from and field_of(answer, "Auto-Submitted") == ""


async def test_once_a_case(office: Office) -> None:
    """Whatever else is written to the case, it is acknowledged once."""
    await office.come(letter())
    (ack,) = office.sink.taken
    for n in range(3):
        await office.come(letter(message_id=f"<more-{n}@x.example>"), address_in(ack, "Reply-To"))
    assert office.sink.taken == [ack] and len(await office.cases()) == 1


async def test_three_times_a_day_and_address(office: Office) -> None:
    """Five mails of one address in a day give three; letters' case is no other address; a day later again."""
    written = [ADA, ADA.upper(), "Ada@Alder.example", ADA, ADA]
    for n, address in enumerate(written):
        sent = await office.come(letter(message_id=f"<{n}@x.example>", **{"from": address}))
    assert len(office.sink.taken) == 3 and "enough" in shown(sent)
    await office.come(letter(**{"from": "bo@home.example", "message_id": "<bo@x.example>"}))
    assert len(office.mailed("bo@home.example")) == 1
    office.home.clock.now += DAY + 1
    await office.come(letter(message_id="<later@x.example>"))
    assert len(office.sink.taken) == 5


async def test_fixed_words_without_anything_that_a_stranger_chose(office: Office) -> None:
    """No subject, no name and no text of the sender's choosing: two mails get the same but for references."""
    for n in range(2):
        chosen = f"Buy{n} pills at evil.example"
        await office.come(
            letter(chosen, subject=chosen, message_id=f"<{n}@x.example>", **{"from": f'"{chosen}" <{ADA}>'})
        )
    texts = []
    for ack in office.sink.taken:
        got = read(ack.raw)
        assert "pills" not in ack.raw.decode().replace("=\r\n", "")
        assert "pills" not in f"{got.subject} {got.text} {got.html} {got.from_name}"
        texts.append(re.sub(r"PARK-\w{4}-\w{2}", "PARK", f"{got.subject}\n{got.text}"))
    assert texts[0] == texts[1] and "PARK" in texts[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"auto_submitted": "auto-replied"},
        {"x_autoreply": "yes"},
        {"precedence": "auto_reply"},
        {"auto_submitted": "auto-replied", "subject": "Out of office: Re: Benches"},
    ],
    ids=str,
)
@pytest.mark.parametrize("to", ["Reply-To", "envelope"])
async def test_an_out_of_office_is_shown_and_changes_nothing(
    office: Office, fields: dict[str, str], to: str
) -> None:
    """Wherever it answers to: a line in the thread; the case stays answered, and nobody is written to."""
    await office.come(letter())
    answer = await office.answer("We look at it.")
    before = len(office.sink.taken)
    where = address_in(answer, "Reply-To") if to == "Reply-To" else answer.mail_from
    away = letter("I am away until Monday.", message_id="<away@x.example>", **fields)
    sent = await office.come(away, where, mail_from="")
    assert "I am away until Monday." in shown(sent) and kinds(sent) == {"notice"}
    (case,) = await office.cases()
    assert case.status == "answered" and len(office.sink.taken) == before
    assert len(await office.home.all(events, kind="words")) == 1


async def test_a_long_automatic_answer_keeps_its_words_and_the_status(office: Office) -> None:
    """One that is no mere notice is shown whole, and still changes no state."""
    await office.come(letter())
    answer = await office.answer("We look at it.")
    away = letter("away " * 600, auto_submitted="auto-replied", message_id="<away@x.example>")
    sent = await office.come(away, address_in(answer, "Reply-To"), mail_from="")
    assert shown(sent, "words").count("away") == 600 and "sent automatically" in shown(sent)
    assert (await office.cases())[0].status == "answered"
    await office.say(said("Enjoy.", await office.root()))
    assert (await office.cases())[0].status == "answered"
