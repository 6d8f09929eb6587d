"""`folkmoot check`: does everything that the bridge leans on hold?

Looks at files first, then at the world outside through a `Look`, and says of each thing ✓, or
✗ with a remedy, or – when it could not be looked at or is not ours to mend.  What is wrong with
the mail domain comes with the records to publish (`bridge.doctor`).  It changes nothing and may
run beside a running bridge.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterable
from pathlib import Path
from typing import Protocol, TypeVar

from bridge import config, consultations
from bridge.appservice.registration import Registration, RegistrationError
from bridge.appservice.registration import read as read_registration
from bridge.config import Config, Database, Listen, Relay
from bridge.consultations import LoadedConsultation
from bridge.doctor import examine, parts
from bridge.doctor.row import Row
from bridge.errors import Fate, Refuse
from bridge.faults import ConfigFaults

T = TypeVar("T")


class Look(examine.Look, Protocol):
    """The world outside.  Each raises `Refuse` with what went wrong, in words for the operator."""

    async def schema(self, database: Database, master: bytes) -> tuple[str | None, str]:
        """The schema's version in the database (None: empty), and the one this release has.

        `Refuse` also when the database is not sealed under the key `master`.
        """
        ...

    async def versions(self, url: str) -> list[str]:
        """The versions of the Matrix specification that the homeserver speaks."""
        ...

    async def whoami(self, url: str, token: str) -> str:
        """The user ID that `token` belongs to."""
        ...

    async def known(self, url: str, token: str, user_id: str) -> bool:
        """Whether the homeserver has such a user."""
        ...

    async def ping(self, url: str, registration: Registration, listen: Listen, answer: bool) -> float:
        """Milliseconds from the homeserver to us and back; `answer`: we listen for it ourselves."""
        ...

    async def relay(self, relay: Relay) -> str:
        """What the mail relay said to EHLO, STARTTLS and the login; no mail is sent."""
        ...

    async def running(self, admin: Listen) -> bool:
        """Whether a bridge answers at its admin address."""
        ...

    async def free(self, listen: Listen) -> bool:
        """Whether the address can be listened on."""
        ...


async def check(file: Path, look: Look) -> AsyncIterator[Row]:
    """The rows, in the order in which one would mend them."""
    try:
        found = config.load(file)
    except ConfigFaults as error:
        for fault in error.faults:
            where = f"line {fault.line}: {fault.key}" if fault.line else f"{fault.file}: {fault.key}"
            yield Row("configuration", False, f"{where.strip()} {fault.what}", fault.remedy)
        yield Row("everything else", None, "needs the configuration")
        return
    yield Row("configuration", True, str(found.file))
    yield Row("key", True, f"32 random bytes in {found.key_file.name}, closed to others")
    loaded: list[LoadedConsultation] = []
    for row in _files(found, loaded):
        yield row
    yield await _database(found, look)
    running = await look.running(found.admin.listen)
    async for row in _matrix(found, loaded, look, running):
        yield row
    yield await _relay(found.email.relay, look)
    for row in await examine.examine(found.email, look):
        yield row
    for key, listen in found.addresses().items():
        yield await _listen(key, listen, look, running)
    if isinstance(found.email.lmtp, Path):
        yield parts.socket_file(found.email.lmtp, running)


def _files(found: Config, loaded: list[LoadedConsultation]) -> Iterable[Row]:
    try:
        loaded.extend(consultations.load_all(found))
    except ConfigFaults as error:
        for fault in error.faults:
            place = f"{fault.file.name}:{fault.line}" if fault.line else fault.file.name
            yield Row("consultations", False, f"{place}: {fault.key} {fault.what}", fault.remedy)
        yield Row("forms", None, "needs the consultations")
        return
    slugs = ", ".join(one.consultation.slug for one in loaded)
    yield Row("consultations", True, slugs or f"none yet in {found.consultations}")
    wrong = consultations.form_faults(loaded)
    for said in wrong:
        yield Row("forms", False, said, "Mend the form's file")
    if not wrong:
        ids = dict.fromkeys(form for one in loaded for form in one.consultation.forms)
        yield Row("forms", True, ", ".join(ids) or "none")


async def _database(found: Config, look: Look) -> Row:
    version, expected = "", ""
    said = await _tried(look.schema(found.database, found.master_key()))
    if isinstance(said, Refuse):
        return Row("database", False, said.reason, "Mend `database` in folkmoot.yaml, or start the server")
    version, expected = said[0] or "", said[1]
    if not version:
        return Row("database", True, "opens; the first start creates its tables")
    if version > expected:
        remedy = "Install the release that wrote it, or a newer one; an older one must not touch it"
        return Row("database", False, f"has schema {version}, this release knows {expected}", remedy)
    older = "" if version == expected else f"; the next start brings it to {expected}"
    return Row("database", True, f"opens, schema {version}{older}")


async def _matrix(
    found: Config, loaded: list[LoadedConsultation], look: Look, running: bool
) -> AsyncIterator[Row]:
    url = found.homeserver.url
    said = await _tried(look.versions(url))
    if isinstance(said, Refuse):
        yield Row("homeserver", False, said.reason, "Start it, or mend homeserver.url in folkmoot.yaml")
        for name in ("registration", "ping", "people"):
            yield Row(name, None, "needs the homeserver")
        return
    yield Row("homeserver", True, f"{url} speaks Matrix up to {said[-1] if said else 'an unknown version'}")
    registration = _registration(found)
    if isinstance(registration, Row):
        yield registration
    else:
        row = await _whoami(found, registration, look)
        yield row
        if row.ok:
            yield await _ping(found, registration, look, running)
            yield await _people(found, registration, loaded, look)
            return
    for name in ("ping", "people"):
        yield Row(name, None, "needs the registration")


def _registration(found: Config) -> Registration | Row:
    path = found.appservice.registration
    try:
        return read_registration(path.read_text("utf-8"), found.homeserver.server_name)
    except (OSError, UnicodeDecodeError) as error:
        said = f"{path} cannot be read ({getattr(error, 'strerror', None) or 'not text'})"
        return Row("registration", False, said, "Mend appservice.registration, or the file's rights")
    except RegistrationError as error:
        return Row(
            "registration", False, f"{path.name}: {error}", "Mend the file; `folkmoot init` writes one"
        )


async def _whoami(found: Config, registration: Registration, look: Look) -> Row:
    said = await _tried(look.whoami(found.homeserver.url, registration.as_token))
    name = found.homeserver.server_name
    if isinstance(said, Refuse):
        remedy = (
            f"Name {found.appservice.registration} under app_service_config_files in homeserver.yaml, "
            "restart Synapse, and mind that both read the same file"
        )
        return Row("registration", False, said.reason, remedy)
    if said.partition(":")[2] != name:
        return Row(
            "registration", False, f"the homeserver says {said}", f"homeserver.server_name is not {name}"
        )
    return Row("registration", True, f"the homeserver knows it as {said}")


async def _ping(found: Config, registration: Registration, look: Look, running: bool) -> Row:
    listen = found.appservice.listen
    said = await _tried(look.ping(found.homeserver.url, registration, listen, answer=not running))
    if isinstance(said, Refuse):
        remedy = (
            f"From the homeserver {registration.url} must reach appservice.listen ({listen}); "
            "restart it when the registration has changed"
        )
        return Row("ping", False, said.reason, remedy)
    return Row("ping", True, f"there and back in {said:.0f} ms")


async def _people(
    found: Config, registration: Registration, loaded: list[LoadedConsultation], look: Look
) -> Row:
    """Whether our own homeserver has the users that are named; partners' users are theirs to know."""
    name = found.homeserver.server_name
    named = dict.fromkeys([*found.operators, *(user for one in loaded for user in one.consultation.staff)])
    ours = [user for user in named if user.partition(":")[2] == name]
    missing = []
    for user in ours:
        said = await _tried(look.known(found.homeserver.url, registration.as_token, user))
        if isinstance(said, Refuse):
            return Row("people", False, said.reason, "Look at the homeserver's log")
        if not said:
            missing.append(user)
    if missing:
        remedy = "Create them there, or name others as operators in folkmoot.yaml and staff in consultations/"
        return Row("people", False, f"{name} has no {', '.join(missing)}", remedy)
    return Row("people", True, f"{len(ours)} operators and staff of {name} exist")


async def _relay(relay: Relay, look: Look) -> Row:
    said = await _tried(look.relay(relay))
    if isinstance(said, Refuse):
        return Row(
            "mail relay", False, said.reason, "Mend email.relay in folkmoot.yaml, or start the mail server"
        )
    return Row("mail relay", True, f"{relay.host}:{relay.port} {said}")


async def _listen(key: str, listen: Listen, look: Look, running: bool) -> Row:
    free = await look.free(listen)
    if free and running:
        return Row(
            key, False, f"{listen} is not listened on, though a bridge runs", "Look at the bridge's log"
        )
    if not free and not running:
        return Row(key, False, f"{listen} is taken by another program", f"Give {key} another port")
    return Row(key, True, f"{listen} " + ("is free" if free else "is held by the running bridge"))


async def _tried(asked: Awaitable[T]) -> T | Refuse:
    """The answer, or the fate that came instead, as a `Refuse`."""
    try:
        return await asked
    except Refuse as error:
        return error
    except Fate as error:
        return Refuse(error.reason)
