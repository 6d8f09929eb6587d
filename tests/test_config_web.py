"""The group `web` of folkmoot.yaml: what is taken, every fault with its remedy, and what the pages get."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from bridge import config
from bridge.config_web import MAX_LOGO
from bridge.errors import Refuse
from bridge.faults import ConfigFaults
from bridge.forms.settings import FormsSettings, Logo, SpamSettings
from tests.written import SMALLEST, installation, written

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
WIDGET = b'customElements.define("altcha-widget", class extends HTMLElement {})'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = installation(tmp_path)
    (home / "logo.png").write_bytes(PNG)
    (home / "logo.svg").write_bytes(SVG)
    (home / "altcha.js").write_bytes(WIDGET)
    return home


def told(home: Path, group: str) -> dict[str, str]:
    """The faults of a file with these lines below `web`: key → what, and remedy."""
    lines = "".join(f"  {line}\n" for line in group.splitlines())
    with pytest.raises(ConfigFaults) as caught:
        config.load(written(home, f"{SMALLEST}web:\n{lines}"))
    return {fault.key: f"{fault.what} | {fault.remedy}" for fault in caught.value.faults}


def given(home: Path, group: str = "") -> FormsSettings:
    lines = "".join(f"  {line}\n" for line in group.splitlines())
    found = config.load(written(home, SMALLEST + (f"web:\n{lines}" if group else "")))
    return found.web.settings("Alder City", b"s" * 32)


def test_without_the_group_the_pages_get_their_defaults(home: Path) -> None:
    found = given(home)
    assert (found.host, found.port, found.public_url) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")
    assert (found.colour, found.logo, found.embed, found.altcha) == (None, None, (), None)
    assert found.proxies == (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    assert found.spam == SpamSettings(), "the settings and the configuration have the same defaults"
    assert found.organisation == "Alder City" and found.secret == b"s" * 32


def test_everything_together(home: Path) -> None:
    found = given(
        home,
        'listen: "[::1]:8081"\npublic_url: https://consult.alder.example/town/\ncolour: "#1D4F63"\n'
        'logo: logo.svg\nembed: ["https://www.alder.example/", "https://birch.example:8443"]\n'
        'proxies: ["10.0.0.0/8", "2001:db8::/32"]\n'
        "spam: {mode: count, seconds: 0, per_network: 3, links: 1}\n"
        "altcha: altcha.js",
    )
    assert (found.host, found.port, found.public_url) == ("::1", 8081, "https://consult.alder.example/town")
    assert found.colour == "#1d4f63" and found.logo == Logo(SVG, "image/svg+xml")
    assert found.embed == ("https://www.alder.example", "https://birch.example:8443")
    assert found.proxies == (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))
    assert found.spam == SpamSettings("count", 0, 3, 1) and found.altcha == WIDGET
    assert "customElements" not in repr(found) and "sss" not in repr(found)


@pytest.mark.parametrize(
    ("group", "key", "words"),
    [
        ('colour: "#ffee00"', "web.colour", "too pale"),
        ('colour: "teal"', "web.colour", '#rrggbb" in quotes'),
        ("colour: #1d4f63", "web", "Write it in quotes"),
        ("logo: none.png", "web.logo", "cannot be read (no such file"),
        ("logo: folkmoot.yaml", "web.logo", "Name a PNG, SVG, WebP or JPEG file"),
        ("logo: page.svg", "web.logo", "is no picture"),
        ("logo: large.png", "web.logo", "larger than 200 KB"),
        ("logo: forms", "web.logo", "cannot be read"),
        ("embed: https://www.alder.example", "web.embed", "https://www.alder.example"),
        ('embed: ["*"]', "web.embed.0", "Write scheme and host"),
        ('embed: ["https://*.alder.example"]', "web.embed.0", "not the origin"),
        ('embed: ["https://alder.example/page"]', "web.embed.0", "not the origin"),
        ("embed: [\"https://alder.example 'unsafe-inline'\"]", "web.embed.0", "not the origin"),
        ('embed: ["https://alder.example; script-src *"]', "web.embed.0", "not the origin"),
        ('embed: ["https://alder.example\\n"]', "web.embed.0", "not the origin"),
        ('proxies: ["10.0.0.1/8"]', "web.proxies.0", "not a network"),
        ("proxies: [everybody]", "web.proxies.0", "not a network"),
        ("spam: {mode: refuse}", "web.spam.mode", "Write 'hold' or 'count'"),
        ("spam: {seconds: 6000}", "web.spam.seconds", "0 to 600 seconds"),
        ("spam: {per_network: 0}", "web.spam.per_network", "within an hour"),
        ("spam: {links: 0}", "web.spam.links", "suspicious"),
        ("altcha: none.js", "web.altcha", "Make it: scripts/widget none.js"),
        ("altcha: logo.png", "web.altcha", "not the script of the widget"),
        ("altcha: altcha.js\npublic_url: http://consult.alder.example", "web", "Serve the pages by https"),
        ("color: x", "web.color", "Did you mean colour?"),
    ],
)
def test_every_fault_has_its_remedy(home: Path, group: str, key: str, words: str) -> None:
    (home / "page.svg").write_bytes(b"<html><svg/></html>")
    (home / "large.png").write_bytes(PNG + b"\0" * MAX_LOGO)
    found = told(home, group)
    assert words in found[key] and len(found) == 1


def test_all_faults_at_once(home: Path) -> None:
    found = told(home, 'colour: "#fff"\nlogo: none.png\nembed: ["*"]\nproxies: [x]\naltcha: none.js')
    assert set(found) == {"web.colour", "web.logo", "web.embed.0", "web.proxies.0", "web.altcha"}


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (SVG, "image/svg+xml"),
        (b"\xef\xbb\xbf" + SVG, "image/svg+xml"),
        (b'<?xml version="1.0"?>\n<!-- by hand -->\n' + SVG, "image/svg+xml"),
    ],
)
def test_a_logo_is_what_its_bytes_are(home: Path, data: bytes, mime: str) -> None:
    """Whatever its name says."""
    (home / "logo.gif").write_bytes(data)
    assert given(home, "logo: logo.gif").logo == Logo(data, mime)


def test_a_file_that_has_gone_since_is_said(home: Path) -> None:
    found = config.load(written(home, f"{SMALLEST}web: {{logo: logo.png, altcha: altcha.js}}\n"))
    (home / "altcha.js").unlink()
    with pytest.raises(Refuse, match=r"web\.altcha cannot be read"):
        found.web.settings("Alder City", b"s" * 32)
    (home / "logo.png").unlink()
    with pytest.raises(Refuse, match=r"web\.logo cannot be read"):
        found.web.settings("Alder City", b"s" * 32)
