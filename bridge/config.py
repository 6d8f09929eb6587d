"""`folkmoot.yaml` as frozen models: unknown keys refused, faults reported together.

`load` promises that what it returns can be acted on: addresses are taken apart, relative paths
are resolved against the file's folder, the master key and the passwords are there and closed to
others.  It opens no connection; `bridge.check` looks at the world outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import quote, urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationInfo,
    model_validator,
)

from bridge import faults, keyfile
from bridge.config_email import Email, Relay
from bridge.config_web import Web
from bridge.faults import Wrong
from bridge.fields import (
    EVERY,
    Address,
    KeyFile,
    Line,
    Listen,
    PathIn,
    SecretFile,
    Section,
    ServerName,
    Url,
    UserId,
    mail_domain,
    matrix_server,
    user_id,
    web_url,
)

__all__ = ["Email", "Line", "Listen", "PathIn", "Relay", "Section", "ServerName", "UserId", "Web"]
__all__ += ["mail_domain", "matrix_server", "user_id", "web_url"]


class Homeserver(Section):
    url: Url = Field(description="the address of the homeserver's client API, such as http://127.0.0.1:8008")
    server_name: ServerName = Field(description="what stands behind the colon of its users' IDs")


class AppService(Section):
    listen: Address = Field(
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
    password_file: SecretFile | None = Field(default=None, description="the path of a file with the password")

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


class Admin(Section):
    listen: Address = Field(
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
    key_file: KeyFile = Field(default=Path("folkmoot.key"), description="the path of the master key")
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
            if one.port == two.port and (one.host == two.host or EVERY & {one.host, two.host}):
                raise Wrong(f"{name} and {other} want the same port", "Give each a port of its own")
        self._file = Path((info.context or {}).get("file", self._file))
        return self

    def addresses(self) -> dict[str, Listen]:
        """What the bridge listens on, by the key that says so."""
        return {
            "appservice.listen": self.appservice.listen,
            **self.email.addresses(),
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
    """The configuration in `path`; `ConfigFaults` with what is wrong in it, as `Document.validate` says."""
    return faults.read(path).validate(Config)
