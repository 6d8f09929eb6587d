"""Remote images, styles, fonts, frames and entities in a mail, which tell the sender who reads it.

Or make a server inside the town hall's network do the sender's requests (server-side request
forgery, seen in every mail app that fetched previews; XML external entities are its elder).
Nothing a mail names is ever fetched: a listener on this machine, to which every link leads, hears
nothing, and no name is looked up.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.email.parse import read
from bridge.email.worker import Pool
from bridge.html import room_html
from tests.email.mails import mail, multipart

CANARY = "words-of-the-canary-file"
FETCHERS = """\
<img src="{u}">
<img srcset='{u} 2x' src=x>
<img src="//{h}/x">
<image href="{u}">
<link rel="stylesheet" href="{u}">
<link rel="preload" as="image" href="{u}">
<link rel="dns-prefetch" href="//canary.home.example">
<base href="{u}">
<style>@import url({u});</style>
<style>@font-face {{ font-family: x; src: url({u}) }} body {{ background: url({u}) }}</style>
<body background="{u}">
<table background="{u}"><tr><td>x</td></tr></table>
<p style="background:url({u})">x</p>
<iframe src="{u}"></iframe>
<frame src="{u}">
<object data="{u}"></object>
<embed src="{u}">
<applet code="{u}"></applet>
<video src="{u}" poster="{u}"></video>
<audio src="{u}"></audio>
<script src="{u}"></script>
<meta http-equiv="refresh" content="0;url={u}">
<form action="{u}"><input type=image src="{u}"></form>
<svg><image xlink:href="{u}"/><use href="{u}#x"/></svg>
<math href="{u}">x</math>
<v:imagedata src="{u}"/>
<bgsound src="{u}">
<html manifest="{u}">
<a href="{u}" ping="{u}">link</a>
<!DOCTYPE html SYSTEM "{u}">
<!DOCTYPE r [<!ENTITY x SYSTEM "{u}">]><r>&x;</r>
<!DOCTYPE r [<!ENTITY x SYSTEM "file://{f}">]><p>&x;</p>
<?xml-stylesheet href="{u}"?><p>x</p>
<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://{f}" parse="text"/>
<img src="file://{f}">
""".splitlines()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def hostile(server: socket.socket, secret: Path) -> bytes:
    """A mail in which everything leads to `server` or to the file `secret`."""
    host = f"127.0.0.1:{server.getsockname()[1]}"
    names = {"u": f"http://{host}/x", "h": host, "f": str(secret)}
    page = "".join(piece.format(**names) for piece in FETCHERS) + "<p>and words</p>"
    pages = [f"Content-Type: text/html\n\n{page}", f"Content-Type: text/html\n\n<?xml version='1.0'?>{page}"]
    pages += [f"Content-Type: text/html\n\n{piece.format(**names)}" for piece in FETCHERS]
    external = (
        f'Content-Type: message/external-body; access-type=URL; URL="http://{host}/x"\n\n'
        f"Content-Type: image/png\nContent-Location: http://{host}/y\n"
    )
    calendar = (
        "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n"
        "DTSTART:20270101T100000Z\n"
        f"SUMMARY:x\nATTACH:http://{host}/x\nURL:http://{host}/x\nIMAGE;VALUE=URI:http://{host}/x\nEND:VEVENT\nEND:VCALENDAR"
    )
    svg = f'Content-Type: image/svg+xml; name=a.svg\n\n<svg><image href="http://{host}/x"/></svg>'
    fields = {"list_unsubscribe": f"<http://{host}/x>", "x_face_url": f"http://{host}/x"}
    return multipart("mixed", *pages, external, calendar, svg, boundary="remote", **fields)


def heard(server: socket.socket) -> bool:
    try:
        line, _ = server.accept()
    except BlockingIOError:
        return False
    line.close()
    return True


async def test_nothing_that_a_mail_names_is_fetched(listener: socket.socket, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(CANARY)
    async with Pool(size=1) as pool:
        got = await pool.read(hostile(listener, secret))
    assert not heard(listener)
    assert "and words" in got.text and got.warnings == ()
    assert CANARY not in got.text and CANARY not in (got.html or "")
    assert not any(CANARY.encode() in file.data for file in got.attachments)


def test_the_listener_would_hear(listener: socket.socket) -> None:
    with socket.create_connection(listener.getsockname()):
        assert heard(listener)


WATCH = """
import base64, sys
seen = []
forbidden = "socket.", "urllib.", "http.", "ftplib.", "subprocess.", "os.exec", "os.posix_spawn", "os.system"
def watch(event, arguments):
    if event.startswith(forbidden):
        seen.append(event)
    if event == "open" and loaded and str(arguments[0]).startswith(secret):
        seen.append(event)
secret, loaded = sys.argv[1], False
from bridge.email.child import answer
from bridge.html import room_html
raw = base64.b64decode(sys.stdin.read())
loaded = True
sys.addaudithook(watch)
frames = answer(raw, ())
assert len(frames) > 3
print(seen)
"""


def test_no_name_is_looked_up_and_no_line_opened(listener: socket.socket, tmp_path: Path) -> None:
    """Watched from within, in a process of its own: 0 look-ups, 0 connections, 0 files, 0 programs."""
    raw = hostile(listener, tmp_path / "secret.txt")
    done = subprocess.run(
        [sys.executable, "-c", WATCH, str(tmp_path)],
        input=b64encode(raw),
        capture_output=True,
        check=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.stdout.decode().strip() == "[]"
    assert not heard(listener)


@pytest.mark.parametrize("piece", FETCHERS)
def test_nothing_is_left_for_a_client_to_fetch(piece: str) -> None:
    """A link may be followed by a person's hand; nothing else names another place."""
    page = piece.format(u="http://canary.home.example/x", h="canary.home.example", f="/etc/hostname")
    for shown in (read(mail(page, content_type="text/html")).html or "", room_html(page)):
        rest = shown.replace('<a href="http://canary.home.example/x">', "")
        assert not any("canary" in tag for tag in re.findall(r"<[^>]*>", rest)), shown
        assert not any(f"{word}=" in rest for word in ("src", "href", "style", "background", "data", "ping"))
