"""The group `email` of `folkmoot.yaml`: how mail comes in, what is asked about it, how it goes out."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ByteSize, Field, ValidationInfo, model_validator

from bridge import faults, keyfile
from bridge.faults import Wrong
from bridge.fields import LOOPBACK, Address, Listen, PathIn, PemFile, SecretFile, Section, mail_domain


def _domain_or_address(value: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;]{1,64}@[^\s@<>,;]{1,253}", value):
        raise Wrong("is not a mail address", "Write one such as inbox@consult.alder.example")
    return value.lower()


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        raise Wrong("is not a network", 'Write one such as "192.0.2.0/24" or "192.0.2.7/32"') from None


def _scanner(value: str, info: ValidationInfo) -> str:
    if value.startswith(("/", "./", "../")):
        return str((faults.folder(info.context) / value).resolve())
    host, colon, port = value.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise Wrong(
            "is neither an address nor a socket file", 'Write "127.0.0.1:3310" or /run/clamav/clamd.ctl'
        )
    return value


def _lmtp(value: object, info: ValidationInfo) -> object:
    """An address, or the path of a socket file."""
    if isinstance(value, str) and "/" in value:
        return (faults.folder(info.context) / value).resolve()
    return value


_MailAddress = Annotated[str, AfterValidator(_domain_or_address)]
_Network = Annotated[str, AfterValidator(_network)]
_Lines = Annotated[int, Field(ge=1, le=1_000_000)]


class Relay(Section):
    host: str = Field(default="127.0.0.1", min_length=1, description="the mail server that takes our mails")
    port: int = Field(default=25, ge=1, le=65535, description="its port: 25, 465 (tls) or 587 (starttls)")
    tls: Literal["none", "starttls", "tls"] = Field(default="none", description="none, starttls or tls")
    username: str | None = Field(default=None, min_length=1, description="the name to log in with")
    password_file: SecretFile | None = Field(default=None, description="the path of a file with the password")

    @model_validator(mode="after")
    def _login(self) -> Self:
        if (self.username is None) != (self.password_file is None):
            raise Wrong("has one of username and password_file", "Write both, or neither")
        if self.username and self.tls == "none" and self.host not in LOOPBACK:
            raise Wrong("would send its password in the clear", "Set tls to starttls or tls")
        return self

    def password(self) -> str | None:
        """The password from its file; `Refuse` when it cannot be read."""
        return keyfile.read_secret(self.password_file) if self.password_file else None


class Certificate(Section):
    certificate: PathIn = Field(description="the path of the certificate with its chain (PEM)")
    key_file: PathIn = Field(description="the path of its key without a passphrase (PEM)")


class Mailbox(Section):
    """A mailbox elsewhere that is looked after over IMAP."""

    host: str = Field(min_length=1, description="the mail host's IMAP server")
    port: int = Field(default=993, ge=1, le=65535, description="its port: 993 (tls) or 143 (starttls)")
    tls: Literal["none", "starttls", "tls"] = Field(default="tls", description="none, starttls or tls")
    username: str = Field(min_length=1, description="the name to log in with")
    password_file: SecretFile = Field(description="the path of a file with the password")
    folder: str = Field(default="INBOX", min_length=1, description="the folder that is looked after")
    done: str | None = Field(default=None, description="the folder for what was taken; null: it is marked")
    aside: str | None = Field(default=None, description="the folder for what cannot be taken; null: marked")
    mailbox: _MailAddress | None = Field(
        default=None, description="the address that a mail is for when it names none of ours"
    )
    max_age_days: int | None = Field(
        default=30, ge=1, description="older mails are set aside; null: every mail is taken"
    )

    @model_validator(mode="after")
    def _login(self) -> Self:
        if self.tls == "none" and self.host not in LOOPBACK:
            raise Wrong("would send its password in the clear", "Set tls to starttls or tls")
        return self

    def password(self) -> str:
        """The password from its file; `Refuse` when it cannot be read."""
        return keyfile.read_secret(self.password_file)


class Senders(Section):
    """Who finds out whether a mail comes from whom it names."""

    check: Literal["none", "own", "hop"] = Field(
        default="none", description="none, own (we ask the name servers) or hop (your mail server did)"
    )
    authserv_id: str | None = Field(
        default=None, min_length=1, description="how your mail server signs Authentication-Results"
    )
    trusted_sealers: tuple[str, ...] = Field(
        default=(), description="domains of forwarders whose ARC seals count"
    )
    nameservers: tuple[str, ...] = Field(default=(), description="addresses; by default the system's")
    records: PathIn | None = Field(
        default=None, description="the path of a file with DNS records, for a site without name servers"
    )

    @model_validator(mode="after")
    def _hop(self) -> Self:
        if self.check == "hop" and self.authserv_id is None:
            raise Wrong("has check: hop and no authserv_id", "Write the name your mail server signs with")
        if self.records is not None and self.nameservers:
            raise Wrong("has records and nameservers", "Write one of them")
        return self


class Scanner(Section):
    clamd: Annotated[str, AfterValidator(_scanner)] = Field(
        description='"127.0.0.1:3310" or the path of clamd\'s socket'
    )
    timeout: float = Field(default=30, gt=0, le=600, description="seconds for one mail, up to 600")


class Limits(Section):
    """New cases by mail within an hour, beyond which further ones are held back."""

    per_address: _Lines = 10
    per_network: _Lines = 60
    per_consultation: _Lines = 300
    believe_spam_headers: bool = Field(
        default=False, description="true when your mail server marks spam and strips forged marks"
    )
    trusted_networks: tuple[_Network, ...] = Field(
        default=("127.0.0.0/8", "::1/128"), description="your own mail servers, free of limits"
    )


class Dkim(Section):
    selector: str = Field(
        pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", description="the name of the key in DNS"
    )
    key_file: PemFile = Field(description="the path of the key that `folkmoot dkim-key` made")

    def key(self) -> str:
        """The private key as PEM; `Refuse` when it cannot be read."""
        return keyfile.read_pem(self.key_file)


class Email(Section):
    domain: Annotated[str, AfterValidator(mail_domain)] = Field(
        description="the domain of the mailboxes, such as consult.alder.example"
    )
    listen: Address | None = Field(
        default=Listen("127.0.0.1", 2525), description="where mails arrive by SMTP; null: not at all"
    )
    listen_tls: Address | None = Field(default=None, description="where mails arrive by SMTP inside TLS")
    lmtp: Annotated[Address | Path | None, BeforeValidator(_lmtp)] = Field(
        default=None, description="where mails arrive by LMTP: an address, or the path of a socket file"
    )
    tls: Certificate | None = Field(default=None, description="tls: {certificate: …, key_file: …}")
    imap: tuple[Mailbox, ...] = Field(default=(), description="mailboxes elsewhere that are looked after")
    catch_all: _MailAddress | None = Field(
        default=None, description="the one address that your mail host puts in place of every recipient"
    )
    relay: Relay = Field(default_factory=Relay, description="relay: {host: …, port: …, tls: …}")
    dkim: Dkim | None = Field(default=None, description="dkim: {selector: …, key_file: …}")
    senders: Senders = Field(default_factory=Senders, description="senders: {check: …}")
    scanner: Scanner | None = Field(default=None, description="scanner: {clamd: …}")
    limits: Limits = Field(default_factory=Limits, description="limits: {per_address: …}")
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

    @model_validator(mode="after")
    def _doors(self) -> Self:
        if self.listen_tls is not None and self.tls is None:
            raise Wrong("has listen_tls and no tls", "Write tls: {certificate: …, key_file: …}")
        if not (self.listen or self.listen_tls or self.lmtp or self.imap):
            raise Wrong("lets no mail in", "Write listen, listen_tls, lmtp or imap")
        return self

    def ways_in(self) -> list[str]:
        """Where mail comes from, in words for operators."""
        found = [str(where) for where in self.addresses().values()]
        if isinstance(self.lmtp, Path):
            found.append(f"the socket {self.lmtp}")
        return found + [f"a mailbox at {one.host}" for one in self.imap]

    def addresses(self) -> dict[str, Listen]:
        """What is listened on, by the key that says so; a socket file is none."""
        found = {"email.listen": self.listen, "email.listen_tls": self.listen_tls, "email.lmtp": self.lmtp}
        return {key: where for key, where in found.items() if isinstance(where, Listen)}
