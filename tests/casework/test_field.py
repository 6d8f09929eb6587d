"""Every row of what clients send, with the JSON they send: from the event to the effects."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.casework import effects as fx
from bridge.casework.effects import Mail
from bridge.model import EventKind, Json, Mark
from tests.casework.world import (
    BOT,
    CLERK,
    OFFICER,
    PICTURE,
    ROOT,
    THREAD,
    WORDS,
    World,
    goes_out,
    image,
    marks,
    note_in,
    only,
    quoting,
    text,
)

NHEKO = "im.nheko.relations.v1.relations"
NHEKO_REPLY = "im.nheko.relations.v1.in_reply_to"


def in_thread(reply: str | None = None, falling_back: bool | None = None) -> Json:
    relation = dict(THREAD)
    if reply is not None:
        relation["m.in_reply_to"] = {"event_id": reply}
    if falling_back is not None:
        relation["is_falling_back"] = falling_back
    return relation


@pytest.mark.parametrize("falling_back", [None, True, False])
@pytest.mark.parametrize("reply", [None, WORDS, ROOT])
def test_a_message_of_the_thread_goes_to_the_citizen(reply: str | None, falling_back: bool | None) -> None:
    world = World()
    event_id, effects = world.feed(text("We repair it.", in_thread(reply, falling_back)))
    mail = only(effects, Mail)[0]
    assert (mail.text, mail.event_id, mail.case) == ("We repair it.", event_id, 7)
    assert (mail.from_name, mail.organisation, mail.wait) == ("Olga Officer", "Birch County", 10)
    assert marks(effects) == [Mark.WAITING]
    assert world.events[event_id].kind is EventKind.REPLY


def test_host_staff_answer_without_an_organisation() -> None:
    _, effects = World().feed(text("We repair it.", in_thread()), sender=CLERK)
    assert only(effects, Mail)[0].organisation == ""


def test_a_reply_in_the_thread_as_cinny_writes_it() -> None:
    said = quoting(BOT, "Ada Citizen: the lamp broke.", "We repair **it**", in_thread(WORDS, False))
    said["formatted_body"] = said["formatted_body"].replace("**it**", '<strong data-md="**">it</strong>')
    _, effects = World().feed(said)
    mail = only(effects, Mail)[0]
    assert mail.text == "We repair **it**"
    assert mail.html == "We repair <strong>it</strong>"


def test_a_plain_reply_to_a_message_of_the_thread_belongs_to_the_case() -> None:
    _, effects = World().feed(text("We repair it.", {"m.in_reply_to": {"event_id": WORDS}}))
    assert only(effects, Mail)[0].text == "We repair it."


@pytest.mark.parametrize("html", [True, False])
def test_a_reply_to_the_root_is_asked_about(html: bool) -> None:
    world = World()
    relates = {"m.in_reply_to": {"event_id": ROOT}}
    said = quoting(BOT, "PARK-7F3K-9Q · open — Ada: “Lamps”", "what is this?", relates, html=html)
    event_id, effects = world.feed(said)
    assert not goes_out(effects)
    assert only(effects, fx.Hold)[0].text == "what is this?"
    assert marks(effects) == [Mark.WAITING]
    notice = only(effects, fx.Notice)[0]
    assert notice.to == event_id and "!send" in notice.text
    assert not world.events[event_id].threaded


def test_what_answers_a_doubt_outside_the_thread_is_asked_about_too() -> None:
    world = World()
    doubt, _ = world.feed(text("we will see", {"m.in_reply_to": {"event_id": ROOT}}))
    world.feed(text("!send", {"m.in_reply_to": {"event_id": doubt}}))
    assert doubt in world.mails
    _, effects = world.feed(text("good that you said no", {"m.in_reply_to": {"event_id": doubt}}))
    assert not goes_out(effects)
    assert only(effects, fx.Hold)


def test_text_with_a_file_as_cinny_sends_it() -> None:
    world = World()
    _, first = world.feed(quoting(BOT, "the lamp broke", "text with the file", in_thread(WORDS, False)))
    assert only(first, Mail)
    file, second = world.feed(image(), attachments=[PICTURE])
    assert not goes_out(second)
    held = only(second, fx.Hold)[0]
    assert (held.case, held.files) == (7, (PICTURE,))
    _, third = world.feed(text("!send", in_thread()))
    assert only(third, fx.Release)[0].event_id == file


@pytest.mark.parametrize("after", [119_000, 121_000])
def test_a_file_without_relation_is_asked_about_for_two_minutes(after: int) -> None:
    world = World()
    world.feed(text("here it comes", in_thread()))
    _, effects = world.feed(image(), attachments=[PICTURE], after=after)
    assert bool(only(effects, fx.Hold)) is (after < 120_000)
    assert not goes_out(effects)


@pytest.mark.parametrize(("sender", "device"), [(CLERK, "D"), (OFFICER, "E")])
def test_a_file_by_somebody_else_has_nothing_to_do_with_it(sender: str, device: str) -> None:
    world = World()
    world.feed(text("here it comes", in_thread()))
    assert world.feed(image(), sender=sender, device=device, attachments=[PICTURE])[1] == []


def test_a_file_without_caption_is_asked_about() -> None:
    _, effects = World().feed(image(in_thread(WORDS, True)), attachments=[PICTURE])
    assert not goes_out(effects)
    assert only(effects, fx.Hold)[0].files == (PICTURE,)


def test_a_file_with_caption_goes_out() -> None:
    said = image(in_thread(), body="The plan", filename="pic.png")
    _, effects = World().feed(said, attachments=[PICTURE])
    mail = only(effects, Mail)[0]
    assert (mail.text, mail.files) == ("The plan", (PICTURE,))


def test_a_caption_with_a_mark_stays_inside() -> None:
    said = image(in_thread(), body="! the plan", filename="pic.png")
    _, effects = World().feed(said, attachments=[PICTURE])
    assert not goes_out(effects) and not only(effects, fx.Hold)
    assert marks(effects) == [Mark.INSIDE]


def test_plain_typing_in_the_room_stays_inside() -> None:
    assert World().feed(text("plain message, no reply"))[1] == []


def test_a_thread_of_the_desk_that_is_no_case_stays_inside() -> None:
    said = text(
        "among us", {"rel_type": "m.thread", "event_id": "$tea", "m.in_reply_to": {"event_id": WORDS}}
    )
    assert World().feed(said)[1] == []


def test_an_edit_finds_its_case_by_the_edited_event() -> None:
    world = World()
    event_id, _ = world.feed(text("We reapir it.", in_thread()))
    edit = text("* We repair it.", {"rel_type": "m.replace", "event_id": event_id})
    edit["m.new_content"] = {"msgtype": "m.text", "body": "We repair it."}
    _, effects = world.feed(edit)
    assert only(effects, fx.ChangeMail) == [fx.ChangeMail(event_id, "We repair it.", None)]
    assert world.texts() == ["We repair it.\n"]


@pytest.mark.parametrize("html", [True, False])
@pytest.mark.parametrize("threaded", [True, False])
def test_the_quote_of_an_internal_note_never_leaves(html: bool, threaded: bool) -> None:
    world = World()
    note = note_in(world, "!she is\nhard to deal with")
    relates = in_thread(note, False) if threaded else {"m.in_reply_to": {"event_id": note}}
    said = quoting(CLERK, "!she is\nhard to deal with", "We repair it.", relates, html=html)
    _, effects = world.feed(said)
    assert only(effects, Mail)[0].text == "We repair it."
    assert not any("hard" in sent or "she" in sent for sent in world.texts())


def test_a_quote_that_an_old_client_marks_although_it_falls_back_is_not_sent() -> None:
    world = World()
    note = note_in(world)
    said = quoting(CLERK, "!she is hard to deal with", "We repair it.", in_thread(note, True), html=False)
    _, effects = world.feed(said)
    assert not goes_out(effects)


def test_an_officer_quotes_the_citizen_by_hand() -> None:
    body = "> when will it be repaired?\n\nOn Monday."
    html = "<blockquote>\n<p>when will it be repaired?</p>\n</blockquote>\n<p>On Monday.</p>\n"
    _, effects = World().feed(text(body, in_thread(WORDS, True), html))
    assert only(effects, Mail)[0].text == body


def test_text_and_html_that_disagree_are_asked_about() -> None:
    said = text("We repair it.", in_thread(), "<blockquote>she is hard</blockquote>We repair it.")
    _, effects = World().feed(said)
    assert not goes_out(effects) and only(effects, fx.Hold)


def nheko(body: str, thread: bool, reply: str, fallback: bool = False) -> tuple[Json, Json]:
    entries: list[Json] = [{"rel_type": "m.thread", "event_id": ROOT}] if thread else []
    entry: Json = {"rel_type": NHEKO_REPLY, "event_id": reply}
    if fallback:
        entry["im.nheko.relations.v1.is_fallback"] = True
    relates: Json = {"m.in_reply_to": {"event_id": reply}}
    if thread:
        relates |= THREAD | ({"is_falling_back": True} if fallback else {})
    both = {NHEKO: [*entries, entry], "m.relates_to": relates}
    return text(body) | both, both


def test_nheko_replies_to_the_root_in_its_thread() -> None:
    """Sticky after a look at the thread: it goes to that thread."""
    inner, wire = nheko("We repair it.", True, ROOT)
    assert only(World().feed(inner, wire=wire)[1], Mail)


def test_nheko_writes_in_the_thread() -> None:
    inner, wire = nheko("We repair it.", True, WORDS, fallback=True)
    assert only(World().feed(inner, wire=wire)[1], Mail)


def test_nheko_replies_to_the_root_outside() -> None:
    inner, wire = nheko("> <@folkmoot:alder.example> PARK-7F3K-9Q\n\nwhat is this?", False, ROOT)
    _, effects = World().feed(inner, wire=wire)
    assert only(effects, fx.Hold)[0].text == "what is this?"


def test_nhekos_own_list_alone_is_understood() -> None:
    inner, wire = nheko("We repair it.", True, WORDS)
    del inner["m.relates_to"], wire["m.relates_to"]
    assert only(World().feed(inner, wire=wire)[1], Mail)


def test_a_relation_that_only_stands_outside_the_ciphertext() -> None:
    """FluffyChat moves it there."""
    world = World()
    assert only(world.feed(text("We repair it."), wire={"m.relates_to": in_thread(WORDS)})[1], Mail)
    inner = text("a note among us", {"m.in_reply_to": {"event_id": "$tea"}})
    assert world.feed(inner, wire={"m.relates_to": in_thread()})[1] == []  # the inner one is believed


@pytest.mark.parametrize(
    "body",
    [
        "/x",
        "//x",
        "//internal note",
        "! text",
        "!text",
        "！text",
        " \u200b!text",
        "\u2060\ufeff /x",
        "\n\t! x",
        "> !x\n\nanswer",
        "!",
    ],
)
def test_what_begins_with_a_mark_stays_inside(body: str) -> None:
    _, effects = World().feed(text(body, in_thread()))
    assert not goes_out(effects) and not only(effects, fx.Hold)
    assert marks(effects) == [Mark.INSIDE]


def test_a_mark_behind_the_quote_stays_inside() -> None:
    said = quoting(
        BOT, "Ada Citizen: the lamp broke", "//internal note typed as reply", in_thread(WORDS, False)
    )
    _, effects = World().feed(said)
    assert marks(effects) == [Mark.INSIDE] and not goes_out(effects)


@pytest.mark.parametrize(
    "html",
    ["<p><strong>!secret</strong></p>", "<ul><li>/secret</li></ul>", "<blockquote>! secret</blockquote>"],
)
def test_a_mark_in_the_html_alone_stays_inside(html: str) -> None:
    _, effects = World().feed(text("secret", in_thread(), html))
    assert marks(effects) == [Mark.INSIDE] and not goes_out(effects)


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("@bob look at this", None),
        ("Bob: look at this", '<a href="https://matrix.to/#/@bob:birch.example">Bob</a>: look at this'),
        ("Bob: look", '<p> <a href="https://matrix.to/#/%40bob%3Abirch.example">Bob</a>: look</p>'),
        ("Bob: look", '<a href="matrix:u/bob:birch.example">Bob</a>: look'),
    ],
)
def test_a_leading_mention_is_asked_about(body: str, html: str | None) -> None:
    _, effects = World().feed(text(body, in_thread(), html))
    assert not goes_out(effects) and only(effects, fx.Hold)


@pytest.mark.parametrize("msgtype", ["m.notice", "m.emote", "m.location", "org.example.thing"])
def test_other_kinds_of_messages_never_go_out(msgtype: str) -> None:
    _, effects = World().feed(text("We repair it.", in_thread(), msgtype=msgtype))
    assert marks(effects) == [Mark.INSIDE] and not goes_out(effects)


@pytest.mark.parametrize("kind", ["m.sticker", "org.matrix.msc3381.poll.start", "m.poll.start"])
def test_stickers_and_polls_never_go_out(kind: str) -> None:
    _, effects = World().feed({"body": "a sticker", "m.relates_to": in_thread()}, kind=kind)
    assert marks(effects) == [Mark.INSIDE] and not goes_out(effects)


def test_another_case_or_room_is_never_reached() -> None:
    world = World()
    world.case = replace(world.case, room_id="!elsewhere")
    assert world.feed(text("We repair it.", in_thread()))[1] == []
    assert world.feed(text("We repair it.", {"m.in_reply_to": {"event_id": WORDS}}))[1] == []
