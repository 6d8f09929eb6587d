"""The consultations' files: one public matter each, checked whole before anybody acts on them.

`load_consultation` reads one file, `load_all` the whole folder and what only all together can
show: a slug or a mailbox that is used twice.  Of a form only the id is read here; whether its
questions are sound is for `bridge.forms.schema` to say.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from bridge import faults
from bridge.config import Config, Line, PathIn, Section, ServerName, UserId
from bridge.faults import ConfigFaults, Document, Fault, Wrong
from bridge.forms import schema
from bridge.model import Consultation, Partner

LANGUAGES = ("en", "de", "fr")
"""The languages the bridge itself speaks."""

SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?")
"""At most 24 characters, so that mailbox, delimiter and token fit into 64 octets (RFC 5321, 4.5.3.1.1)."""

_RESERVED = frozenset({"postmaster", "abuse", "mailer-daemon", "hostmaster", "noreply", "no-reply"})


@dataclass(frozen=True, slots=True)
class LoadedConsultation:
    """A consultation as read.

    `form_paths` in the order of `consultation.forms`; `digest` changes with any change of the
    file's meaning or of its forms' bytes; `path` is the file, absolute.
    """

    consultation: Consultation
    form_paths: tuple[Path, ...]
    digest: str
    path: Path


def _slug(value: str) -> str:
    if not SLUG.fullmatch(value):
        raise Wrong("is not a slug", "Use at most 24 small letters, digits and hyphens, such as park-2027")
    return value


def _mailbox(value: str) -> str:
    if _slug(value) in _RESERVED:
        raise Wrong("is a name every mail domain keeps for itself", "Use another, such as park-2027")
    return value


def _language(value: str) -> str:
    if value not in LANGUAGES:
        raise Wrong(f"is {value[:20]!r}", f"Write one of {', '.join(LANGUAGES)}")
    return value


def _block(value: str) -> str:
    lines = [line.rstrip() for line in value.strip().splitlines()]
    if len(lines) > 12 or not all(line.isprintable() for line in lines):
        raise Wrong("is not a short block of text", "Write at most 12 lines, with | behind the key")
    return "\n".join(lines)


_Signature = Annotated[str, AfterValidator(_block)]


class _Partner(Section):
    name: Line = Field(min_length=1, max_length=80, description="the organisation's name")
    server: ServerName = Field(description="the partner's homeserver, such as birch.example")
    officers: tuple[UserId, ...] = Field(
        min_length=1, description='a list such as ["@officer:birch.example"]'
    )
    may_reply: bool = Field(default=True, description="true or false")
    signature: _Signature = Field(default="", max_length=1000, description="stands below its officers' mails")

    @model_validator(mode="after")
    def _at_home(self) -> Self:
        for officer in self.officers:
            if officer.partition(":")[2] != self.server:
                raise Wrong(f"names {officer}, who is not of {self.server}", "Mend the user ID or the server")
        return self


class _File(Section):
    slug: Annotated[str, AfterValidator(_slug)] = Field(description="a short name such as park-2027")
    title: Line = Field(min_length=1, max_length=120, description="the title as citizens know it")
    languages: tuple[Annotated[str, AfterValidator(_language)], ...] = Field(
        default=("en",), min_length=1, description=f"a list out of {', '.join(LANGUAGES)}"
    )
    mailbox: Annotated[str, AfterValidator(_mailbox)] | None = Field(
        default=None, description="what stands before the @, by default the slug"
    )
    staff: tuple[UserId, ...] = Field(min_length=1, description='a list such as ["@clerk:alder.example"]')
    partners: tuple[_Partner, ...] = Field(default=(), description="a list of partners")
    forms: tuple[PathIn, ...] = Field(default=(), description="a list of paths of forms")
    signature: _Signature = Field(default="", max_length=1000, description="stands below the staff's mails")

    @model_validator(mode="after")
    def _once(self) -> Self:
        for what, all_of in (
            ("languages", self.languages),
            ("staff", self.staff),
            ("forms", self.forms),
            ("officers", [o for p in self.partners for o in p.officers]),
            ("staff and officers", {*self.staff} & {o for p in self.partners for o in p.officers}),
        ):
            seen: set[object] = set()
            for one in all_of:
                if one in seen or what == "staff and officers":
                    raise Wrong(f"{what} name {one} twice", "Remove one of the two")
                seen.add(one)
        return self


def load_consultation(path: Path) -> LoadedConsultation:
    """The consultation in `path`; `ConfigFaults` with all that is wrong with it and its forms' ids."""
    document = faults.read(path)
    file = document.validate(_File)
    ids, found = _form_ids(document, file.forms)
    if found:
        raise ConfigFaults(found)
    consultation = Consultation(
        slug=file.slug,
        title=file.title,
        languages=file.languages,
        mailbox=file.mailbox or _default_mailbox(document, file.slug),
        staff=file.staff,
        partners=tuple(
            Partner(p.name, p.server, p.officers, p.may_reply, p.signature) for p in file.partners
        ),
        forms=ids,
        signature=file.signature,
    )
    return LoadedConsultation(consultation, file.forms, _digest(consultation, file.forms), document.path)


def _default_mailbox(document: Document, slug: str) -> str:
    try:
        return _mailbox(slug)
    except Wrong as wrong:
        raise ConfigFaults([document.fault(("slug",), f"as a mailbox {wrong.what}", wrong.remedy)]) from None


def _form_ids(document: Document, paths: Sequence[Path]) -> tuple[tuple[str, ...], list[Fault]]:
    ids: list[str] = []
    found: list[Fault] = []
    for index, path in enumerate(paths):
        if not path.is_file():
            found.append(document.fault(("forms", index), f"names {path}, which is no file", "Mend the path"))
            continue
        try:
            form = faults.read(path)
        except ConfigFaults as error:
            found.extend(error.faults)
            continue
        name = form.data.get("id")
        if not isinstance(name, str):
            found.append(form.fault(("id",), "is missing or not a word", "Write one such as park-ideas"))
        elif name in ids:
            found.append(
                form.fault(("id",), f"is {name!r}, as in another form here", "Give each form its own id")
            )
        else:
            ids.append(name)
    return tuple(ids), found


def _digest(consultation: Consultation, forms: Iterable[Path]) -> str:
    digest = hashlib.sha256(repr(consultation).encode())
    for path in forms:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def load_files(paths: Iterable[Path]) -> list[LoadedConsultation]:
    """Every file of `paths`; `ConfigFaults` with the faults of all of them together."""
    loaded: list[LoadedConsultation] = []
    found: list[Fault] = []
    for path in paths:
        try:
            loaded.append(load_consultation(path))
        except ConfigFaults as error:
            found.extend(error.faults)
    found.extend(_shared(loaded))
    if found:
        raise ConfigFaults(found)
    return loaded


def _shared(loaded: Sequence[LoadedConsultation]) -> Iterable[Fault]:
    """Names that two files claim: addresses of mails and of pages lead to one consultation only."""
    first: dict[tuple[str, str], Path] = {}
    for one in loaded:
        matter = one.consultation
        names = [
            ("slug", matter.slug),
            ("mailbox", matter.mailbox),
            *(("forms", form) for form in matter.forms),
        ]
        for key, value in names:
            other = first.setdefault((key, value), one.path)
            if other != one.path:
                what = f"has {value!r}, as {other} has"
                yield Fault(one.path, key, what, f"Give each consultation {_OWN[key]} of its own")


_OWN = {"slug": "a slug", "mailbox": "a mailbox", "forms": "forms"}


def load_all(config: Config) -> list[LoadedConsultation]:
    """The consultations of the folder that `config` names, by file name; [] for an empty folder."""
    folder = config.consultations
    if not folder.is_dir():
        what = f"names {folder}, which is not a folder"
        raise ConfigFaults([Fault(config.file, "consultations", what, "Create it, or mend the path")])
    return load_files(sorted(p for p in folder.iterdir() if p.suffix in {".yaml", ".yml"} and p.is_file()))


def form_faults(loaded: Iterable[LoadedConsultation]) -> list[str]:
    """What is wrong with the questions of the consultations' forms; [] when they are sound."""
    found: list[str] = []
    for path in dict.fromkeys(path for one in loaded for path in one.form_paths):
        try:
            schema.load(path)
        except schema.FormFaults as error:
            found.extend(map(str, error.faults))
    return found
