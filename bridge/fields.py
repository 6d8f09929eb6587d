"""What the groups of `folkmoot.yaml` and of consultations are made of: field types with their remedies."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    ValidationInfo,
)

from bridge import faults, keyfile
from bridge.faults import Wrong

DOMAIN = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)
SERVER_NAME = re.compile(r"(?=.{1,230}\Z)([0-9A-Za-z.-]+|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
"""A homeserver's name (Matrix specification, appendices, "Server Name")."""
USER_ID = re.compile(rf"(?=.{{1,255}}\Z)@[!-9;-~]+:{SERVER_NAME.pattern}")
"""A user ID, historical ones too (Matrix specification, appendices, "User Identifiers")."""

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
EVERY = frozenset({"0.0.0.0", "::"})  # noqa: S104 – compared with, not listened on


class Listen(NamedTuple):
    """An address to listen on."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _listen(value: object) -> object:
    if isinstance(value, Listen):
        return value
    if isinstance(value, str):
        host, colon, port = value.rpartition(":")
        if colon and host and port.isascii() and port.isdigit() and 0 < int(port) < 65536:
            return Listen(host.removeprefix("[").removesuffix("]"), int(port))
    raise Wrong("is not an address to listen on", 'Write host and port in quotes, such as "127.0.0.1:8080"')


def web_url(value: str) -> str:
    """An http(s) address without query, its trailing slash removed; else `Wrong`."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise Wrong("is not a web address", "Write one such as https://consult.alder.example")
    return value.rstrip("/")


def mail_domain(value: str) -> str:
    """A domain in small letters; else `Wrong`."""
    if not DOMAIN.fullmatch(value.lower()):
        raise Wrong("is not a mail domain", "Write one such as consult.alder.example")
    return value.lower()


def matrix_server(value: str) -> str:
    """A homeserver's name; else `Wrong`."""
    if not SERVER_NAME.fullmatch(value):
        raise Wrong("is not a homeserver's name", "Write what stands behind the colon of its users' IDs")
    return value


def user_id(value: str) -> str:
    """A whole Matrix user ID; else `Wrong`."""
    if not USER_ID.fullmatch(value):
        raise Wrong("is not a Matrix user ID", 'Write it whole and in quotes, such as "@clerk:alder.example"')
    return value


def _one_line(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise Wrong("is not one line of text", "Write it on one line")
    return value.strip()


def _path(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str | Path) or not str(value) or "\0" in str(value):
        raise Wrong("is not a path", "Write a path, relative to this file or absolute")
    return (faults.folder(info.context) / Path(value).expanduser()).resolve()


def _usable(read: Callable[[Path], object]) -> Callable[[Path], Path]:
    """A path whose file `read` can use; else `Wrong`, with the remedy for that very fault."""

    def usable(path: Path) -> Path:
        try:
            read(path)
        except keyfile.Unusable as error:
            raise Wrong(f"will not do: {path} {error.what}", error.remedy) from None
        return path

    return usable


UserId = Annotated[str, AfterValidator(user_id)]
Line = Annotated[str, AfterValidator(_one_line)]
"""A text for people, without the blanks around it."""
ServerName = Annotated[str, AfterValidator(matrix_server)]
PathIn = Annotated[Path, BeforeValidator(_path)]
SecretFile = Annotated[Path, BeforeValidator(_path), AfterValidator(_usable(keyfile.read_secret))]
PemFile = Annotated[Path, BeforeValidator(_path), AfterValidator(_usable(keyfile.read_pem))]
KeyFile = Annotated[Path, BeforeValidator(_path), AfterValidator(_usable(keyfile.read_key))]
Url = Annotated[str, AfterValidator(web_url)]
Address = Annotated[Listen, PlainValidator(_listen)]


class Section(BaseModel):
    """What all groups of keys have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)
