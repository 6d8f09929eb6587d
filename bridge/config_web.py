"""The group `web` of `folkmoot.yaml`: where the citizens' pages stand, what they look like, whom they
believe and what they hold back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from bridge.errors import Refuse
from bridge.faults import Wrong
from bridge.fields import LOOPBACK, Address, Listen, PathIn, Section, Url
from bridge.forms import theme
from bridge.forms.settings import FormsSettings, Logo, SpamSettings
from bridge.names import believed_type

T = TypeVar("T")

MAX_LOGO = 200 * 1024
MAX_WIDGET = 1 << 20
LOGOS = ("image/png", "image/jpeg", "image/webp")
SVG = "image/svg+xml"

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
_WIDGET = b"altcha-widget"  # the element that the script must define


def _colour(value: str) -> str:
    if (found := theme.fault(value)) is not None:
        what, remedy = found
        raise Wrong(what, remedy[:1].upper() + remedy[1:])
    return value.lower()


def _origin(value: str) -> str:
    origin = value.lower().rstrip("/")
    if not _ORIGIN.fullmatch(origin):
        raise Wrong("is not the origin of a site", "Write scheme and host, such as https://www.alder.example")
    return origin


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        raise Wrong("is not a network", 'Write one such as "192.0.2.0/24" or "192.0.2.7/32"') from None


def _bytes(path: Path, most: int) -> bytes:
    """Raises `Refuse` with what is wrong, in words that continue a sentence."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise Refuse(f"cannot be read ({(error.strerror or 'error').lower()})") from None
    if len(data) > most:
        raise Refuse(f"is larger than {most // 1024} KB")
    return data


def read_logo(path: Path) -> Logo:
    """The logo in `path`, of the type that its bytes have.  Raises `Refuse`."""
    data = _bytes(path, MAX_LOGO)
    mime = believed_type(path.name, "", data[:4096])
    if mime in LOGOS:
        return Logo(data, mime)
    head = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith((b"<svg", b"<?xml", b"<!--", b"<!DOCTYPE svg")) and b"<svg" in head[:4096]:
        return Logo(data, SVG)
    raise Refuse("is no picture in a form that browsers show")


def read_widget(path: Path) -> bytes:
    """The script of the widget in `path`.  Raises `Refuse`."""
    data = _bytes(path, MAX_WIDGET)
    if _WIDGET not in data:
        raise Refuse("is not the script of the widget")
    return data


def _logo(path: Path) -> Path:
    try:
        read_logo(path)
    except Refuse as error:
        raise Wrong(error.reason, "Name a PNG, SVG, WebP or JPEG file of at most 200 KB") from None
    return path


def _widget(path: Path) -> Path:
    try:
        read_widget(path)
    except Refuse as error:
        raise Wrong(error.reason, f"Make it: scripts/widget {path.name}; or remove the key") from None
    return path


def _still(read: Callable[[Path], T], path: Path | None, key: str) -> T | None:
    """What is in the file now: it may have changed since the configuration was read."""
    try:
        return None if path is None else read(path)
    except Refuse as error:
        raise Refuse(f"{key} {error.reason}") from None


class Spam(Section):
    """What is held back until staff have looked at it; nothing is refused."""

    mode: Literal["hold", "count"] = Field(
        default="hold", description="hold, or count: nothing is held, /metrics shows what would be"
    )
    seconds: float = Field(
        default=5, ge=0, le=600, description="who sends a form faster is no human; 0 to 600 seconds"
    )
    per_network: int = Field(
        default=20, ge=1, le=1_000_000, description="submissions of one network within an hour"
    )
    links: int = Field(default=4, ge=1, le=1000, description="so many links in one answer are suspicious")


class Web(Section):
    listen: Address = Field(default=Listen("127.0.0.1", 8080), description="where the form pages are served")
    public_url: Url = Field(
        default="http://127.0.0.1:8080", description="the pages' address as citizens see it"
    )
    colour: Annotated[str, AfterValidator(_colour)] | None = Field(
        default=None, description='the colour of the pages in quotes, such as "#1d4f63"'
    )
    logo: Annotated[PathIn, AfterValidator(_logo)] | None = Field(
        default=None, description="the path of a PNG, SVG, WebP or JPEG file of at most 200 KB"
    )
    embed: tuple[Annotated[str, AfterValidator(_origin)], ...] = Field(
        default=(), description='sites that may show forms in a frame: ["https://www.alder.example"]'
    )
    proxies: tuple[Annotated[str, AfterValidator(_network)], ...] = Field(
        default=("127.0.0.0/8", "::1/128"),
        description="your own web servers, which say in X-Forwarded-For who asks",
    )
    spam: Spam = Field(default_factory=Spam, description="spam: {mode: …}")
    altcha: Annotated[PathIn, AfterValidator(_widget)] | None = Field(
        default=None, description="the path of the script that scripts/widget makes"
    )

    @model_validator(mode="before")
    @classmethod
    def _quoted(cls, data: object) -> object:
        """A colour without quotes is a comment in YAML, and would be lost without a word."""
        if isinstance(data, Mapping) and "colour" in data and data["colour"] is None:
            raise Wrong("has an empty colour", 'Write it in quotes: colour: "#1d4f63"')
        return data

    @model_validator(mode="after")
    def _puzzle(self) -> Self:
        place = urlsplit(self.public_url)
        if self.altcha and place.scheme != "https" and place.hostname not in LOOPBACK:
            raise Wrong(
                "has altcha and a public_url without https",
                "Serve the pages by https (browsers compute nothing otherwise), or remove altcha",
            )
        return self

    def settings(self, organisation: str, secret: bytes) -> FormsSettings:
        """What the pages are told; `Refuse` when a file that was there when this was read is gone."""
        return FormsSettings(
            host=self.listen.host,
            port=self.listen.port,
            public_url=self.public_url,
            secret=secret,
            organisation=organisation,
            colour=self.colour,
            logo=_still(read_logo, self.logo, "web.logo"),
            embed=self.embed,
            proxies=tuple(map(ip_network, self.proxies)),
            spam=SpamSettings(**self.spam.model_dump()),
            altcha=_still(read_widget, self.altcha, "web.altcha"),
        )
