"""`folkmoot.yaml` as frozen models: unknown keys refused, all faults reported at once.

`load` promises that what it returns can be acted on: addresses are taken apart, relative paths
are resolved against the file's folder, the master key and the passwords are there and closed to
others.  It opens no connection; `bridge.check` looks at the world outside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self
from urllib.parse import quote, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    ValidationInfo,
    model_validator,
)

from bridge import faults, keyfile
from bridge.errors import Refuse
from bridge.faults import Wrong

DOMAIN = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)
SERVER_NAME = re.compile(r"(?=.{1,230}\Z)([0-9A-Za-z.-]+|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
"""A homeserver's name (Matrix specification, appendices, "Server Name")."""
USER_ID = re.compile(rf"(?=.{{1,255}}\Z)@[!-9;-~]+:{SERVER_NAME.pattern}")
"""A user ID, historical ones too (Matrix specification, appendices, "User Identifiers")."""

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_EVERY = frozenset({"0.0.0.0", "::"})  # noqa: S104 – compared with, not listened on


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


def _key(path: Path) -> Path:
    try:
        keyfile.read_key(path)
    except Refuse as error:
        raise Wrong(f"will not do: {error.reason}", _KEY_REMEDY) from None
    return path


def _secret(path: Path) -> Path:
    try:
        keyfile.read_secret(path)
    except Refuse as error:
        raise Wrong(f"will not do: {error.reason}", "Put the secret alone on the file's first line") from None
    return path


_KEY_REMEDY = (
    "The bridge's user must be able to read it; a lost key comes from your backup.  Only for a bridge "
    "without a database make one: openssl rand -base64 32"
)

UserId = Annotated[str, AfterValidator(user_id)]
Line = Annotated[str, AfterValidator(_one_line)]
"""A text for people, without the blanks around it."""
ServerName = Annotated[str, AfterValidator(matrix_server)]
PathIn = Annotated[Path, BeforeValidator(_path)]
_SecretFile = Annotated[Path, BeforeValidator(_path), AfterValidator(_secret)]
_KeyFile = Annotated[Path, BeforeValidator(_path), AfterValidator(_key)]
_Url = Annotated[str, AfterValidator(web_url)]
_Address = Annotated[Listen, PlainValidator(_listen)]


class Section(BaseModel):
    """What all groups of keys have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)


class Homeserver(Section):
    url: _Url = Field(description="the address of the homeserver's client API, such as http://127.0.0.1:8008")
    server_name: ServerName = Field(description="what stands behind the colon of its users' IDs")


class AppService(Section):
    listen: _Address = Field(
        default=Listen("127.0.0.1", 29330), description="where the homeserver reaches the bridge"
    )
    registration: PathIn = Field(
        default=Path("registration.yaml"), description="the path of registration.yaml"
    )


_DATABASES = "sqlite+aiosqlite:///folkmoot.db or postgresql+asyncpg://user@host/name"


def _database(value: object) -> object:
    return {"url": value} if isinstance(value, str) else value


def _database_url(value: str, info: ValidationInfo) -> str:
    scheme, found, rest = value.partition("://")
    if found and scheme == "postgresql+asyncpg" and len(rest) > 1:
        return value
    if not found or scheme != "sqlite+aiosqlite" or not rest.startswith("/") or len(rest) < 2:
        raise Wrong("is not a database the bridge knows", f"Write {_DATABASES}")
    return f"sqlite+aiosqlite:///{(faults.folder(info.context) / rest[1:]).resolve()}"


class Database(Section):
    """`url` may hold a password and is never shown; an SQLite path in it is absolute."""

    url: Annotated[str, AfterValidator(_database_url)] = Field(
        default="sqlite+aiosqlite:///folkmoot.db", repr=False, description=_DATABASES
    )
    password_file: _SecretFile | None = Field(
        default=None, description="the path of a file with the password"
    )

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        user = urlsplit(self.url)
        if self.password_file and (not user.username or user.password):
            raise Wrong(
                "has a password_file, and a URL that has no user or its own password", f"Write {_DATABASES}"
            )
        return self

    @property
    def sqlite(self) -> Path | None:
        """The file of an SQLite database; None on PostgreSQL."""
        head, _, path = self.url.partition(":///")
        return Path(path) if head == "sqlite+aiosqlite" else None

    def full_url(self) -> str:
        """The URL with the password from its file, if there is one."""
        if self.password_file is None:
            return self.url
        head, _, place = self.url.partition("@")
        return f"{head}:{quote(keyfile.read_secret(self.password_file), safe='')}@{place}"


class Relay(Section):
    host: str = Field(default="127.0.0.1", min_length=1, description="the mail server that takes our mails")
    port: int = Field(default=25, ge=1, le=65535, description="its port: 25, 465 (tls) or 587 (starttls)")
    tls: Literal["none", "starttls", "tls"] = Field(default="none", description="none, starttls or tls")
    username: str | None = Field(default=None, min_length=1, description="the name to log in with")
    password_file: _SecretFile | None = Field(
        default=None, description="the path of a file with the password"
    )

    @model_validator(mode="after")
    def _login(self) -> Self:
        if (self.username is None) != (self.password_file is None):
            raise Wrong("has one of username and password_file", "Write both, or neither")
        if self.username and self.tls == "none" and self.host not in _LOOPBACK:
            raise Wrong("would send its password in the clear", "Set tls to starttls or tls")
        return self

    def password(self) -> str | None:
        """The password from its file, read anew each time; `Refuse` when it cannot be."""
        return keyfile.read_secret(self.password_file) if self.password_file else None


class Email(Section):
    domain: Annotated[str, AfterValidator(mail_domain)] = Field(
        description="the domain of the mailboxes, such as consult.alder.example"
    )
    listen: _Address = Field(default=Listen("127.0.0.1", 2525), description="where mails arrive by SMTP")
    relay: Relay = Field(default_factory=Relay, description="relay: {host: …, port: …, tls: …}")
    undo_seconds: int = Field(
        default=10, ge=0, le=3600, description="the seconds in which an edit changes a mail, 0 to 3600"
    )
    delimiter: Literal["+", "-", "_", "=", "."] = "+"
    max_size: ByteSize = Field(
        default=ByteSize(25 << 20),
        ge=64 << 10,
        le=100 << 20,
        description="a mail's largest size, 64KiB to 100MiB",
    )


class Web(Section):
    listen: _Address = Field(default=Listen("127.0.0.1", 8080), description="where the form pages are served")
    public_url: _Url = Field(
        default="http://127.0.0.1:8080", description="the pages' address as citizens see it"
    )


class Admin(Section):
    listen: _Address = Field(
        default=Listen("127.0.0.1", 9330), description="where health and metrics are served"
    )


class Encryption(Section):
    share_with: Literal["cross_signed", "all"] = "cross_signed"


def _version(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Rooms(Section):
    version: Annotated[Literal["10", "11", "12"] | None, BeforeValidator(_version)] = Field(
        default=None, description="10, 11, 12, or null for the homeserver's own default"
    )


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"


class Config(Section):
    """The whole file."""

    organisation: Line | None = Field(
        default=None, max_length=80, description="who runs this bridge, as citizens know them"
    )
    homeserver: Homeserver = Field(description="homeserver: {url: …, server_name: …}")
    appservice: AppService
    database: Annotated[Database, BeforeValidator(_database)] = Field(description=_DATABASES)
    key_file: _KeyFile = Field(default=Path("folkmoot.key"), description="the path of the master key")
    email: Email = Field(description="email: {domain: …}")
    web: Web = Field(default_factory=Web)
    operators: tuple[UserId, ...] = Field(default=(), description='a list such as ["@admin:alder.example"]')
    admin: Admin = Field(default_factory=Admin)
    consultations: PathIn = Field(
        default=Path("consultations"), description="the folder of the consultations' files"
    )
    encryption: Encryption = Field(default_factory=Encryption)
    rooms: Rooms = Field(default_factory=Rooms)
    log: Log = Field(default_factory=Log)

    _file: Path = PrivateAttr(default=Path("folkmoot.yaml"))

    @model_validator(mode="before")
    @classmethod
    def _groups(cls, data: object) -> object:
        """Groups whose defaults are relative paths are read even when the file leaves them out."""
        return {"appservice": {}, "database": {}, **data} if isinstance(data, Mapping) else data

    @model_validator(mode="after")
    def _ports(self, info: ValidationInfo) -> Self:
        for (name, one), (other, two) in combinations(self.addresses().items(), 2):
            if one.port == two.port and (one.host == two.host or _EVERY & {one.host, two.host}):
                raise Wrong(f"{name} and {other} want the same port", "Give each a port of its own")
        self._file = Path((info.context or {}).get("file", self._file))
        return self

    def addresses(self) -> dict[str, Listen]:
        """What the bridge listens on, by the key that says so."""
        return {
            "appservice.listen": self.appservice.listen,
            "email.listen": self.email.listen,
            "web.listen": self.web.listen,
            "admin.listen": self.admin.listen,
        }

    @property
    def file(self) -> Path:
        """The file this was read from, absolute."""
        return self._file

    @property
    def recovery_file(self) -> Path:
        """Where the bot's recovery key is written, once: beside the master key."""
        return self.key_file.with_name("recovery.key")

    @property
    def blob_folder(self) -> Path:
        """Where large sealed files lie: beside an SQLite database, else beside this file."""
        return (self.database.sqlite or self.file).with_name("blobs")

    def master_key(self) -> bytes:
        """The 32 bytes that everything is sealed under; `Refuse` when they cannot be read."""
        return keyfile.read_key(self.key_file)


def load(path: Path) -> Config:
    """The configuration in `path`; `ConfigFaults` with everything that is wrong in it."""
    return faults.read(path).validate(Config)
