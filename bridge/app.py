"""The composition root: the only place that names concrete classes.

lease ─> migrate ─> ledger ─> directory ─> channels ─> dispatcher
then: every file of consultations/ becomes a request, like any other
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bridge import asking, consultations, mailwing
from bridge.admin import Admin
from bridge.appservice import registration
from bridge.appservice.channel import MatrixChannel
from bridge.appservice.engine import Engine, Hooks
from bridge.appservice.settings import MatrixSettings
from bridge.asking import CommandChannel
from bridge.casework.settings import Brake, Settings
from bridge.channel import Arrival, Channel
from bridge.config import Config
from bridge.directory import Directory
from bridge.dispatch import Dispatcher
from bridge.e2ee.machine import Machine
from bridge.email.channel import EmailChannel
from bridge.email.worker import Pool
from bridge.errors import Refuse, Retry
from bridge.forms.channel import FormsChannel, Scan
from bridge.forms.submit import unpack_page
from bridge.keyfile import write_secret
from bridge.ledger import schema
from bridge.ledger.crypto_store import SqlCryptoStore
from bridge.ledger.engine import open_engine
from bridge.ledger.lease import Lease
from bridge.ledger.ledger import Ledger
from bridge.ledger.writer import Writer
from bridge.model import RoomKind, Source
from bridge.points import Probe, quiet
from bridge.vault import Vault

log = logging.getLogger(__name__)

HOUR = 3600.0


def clock() -> float:
    """Seconds since 1970."""
    return time.time()


@dataclass(slots=True)
class App:
    """A bridge that is put together; `run` drives it until it is cancelled."""

    config: Config
    writer: Writer
    ledger: Ledger
    directory: Directory
    matrix: MatrixChannel
    forms: FormsChannel
    channels: Mapping[Source, Channel]
    dispatcher: Dispatcher

    async def run(self, wanted: Sequence[Arrival]) -> None:
        """Serve every channel; `wanted` are the requests of the start."""
        await self.directory.refresh()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.dispatcher.run())
            for channel in self.channels.values():
                group.create_task(channel.serve(self.dispatcher.accept))
            listen = self.config.admin.listen
            group.create_task(Admin(listen.host, listen.port, self._parts, self._numbers).serve())
            group.create_task(self._tidy())
            group.create_task(self._say_up())
            await self.dispatcher.accept(wanted)

    async def _say_up(self) -> None:
        """One line that tells the operator that all is well, and where."""
        await self.matrix.started()
        listen = self.config.addresses()
        log.info(
            "up: mail by %s, forms on %s, health and metrics on %s",
            ", ".join(self.config.email.ways_in()),
            listen["web.listen"],
            listen["admin.listen"],
        )

    def _parts(self) -> Mapping[str, bool]:
        return {"matrix": self.matrix.ready, "reachable": self.matrix.reachable}

    async def _numbers(self) -> Mapping[str, float]:
        found = {**await self.ledger.numbers(), **self.forms.numbers()}
        found |= {f'events_total{{what="{k}"}}': v for k, v in self.dispatcher.counts.items()}
        mail = self.channels[Source.EMAIL]
        found |= mail.numbers() if isinstance(mail, EmailChannel) else {}
        return {**found, "outbox_backlog": self.dispatcher.backlog(), "commits_total": self.writer.commits}

    async def _tidy(self) -> None:
        while True:
            try:
                await self.dispatcher.tidy()
            except Retry as e:
                log.warning("housekeeping: %s", e.reason)
            await asyncio.sleep(HOUR)


async def run(config: Config, probe: Probe = quiet) -> None:
    """Run a bridge until cancelled.  Raises `Refuse` or `Broken` with what the operator can do.

    `probe` is called around every commit and request (see `bridge.points`).
    """
    logging.basicConfig(
        level=config.log.level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)  # its notes are no news to an operator
    loaded = consultations.load_all(config)
    if wrong := consultations.form_faults(loaded):
        raise Refuse("\n".join(wrong))
    async with AsyncExitStack() as stack:
        app = await build(config, stack, probe)
        try:
            await app.run([asking.arrival(one) for one in loaded])
        except BaseExceptionGroup as group:
            raise _first(group) from group


async def build(config: Config, stack: AsyncExitStack, probe: Probe = quiet) -> App:
    """Open the database and put the parts together; `stack` closes what was opened."""
    engine = open_engine(config.database.full_url())
    stack.push_async_callback(engine.dispose)
    lease = Lease(engine)
    await lease.take()
    stack.push_async_callback(lease.release)
    await schema.migrate(engine)
    writer = Writer(engine, probe)
    writer.start()
    stack.push_async_callback(writer.stop)
    known = _registration(config)
    limits = config.email.limits
    brake = Brake(limits.per_address, limits.per_network, limits.per_consultation)
    settings = Settings(
        undo_seconds=config.email.undo_seconds,
        ours=(known.bot,),
        brake=brake,
        public_url=config.web.public_url,
    )
    vault, forgotten = Vault(config.master_key()), config.key_file.with_name("forgotten")
    ledger = Ledger(engine, writer, vault, config.blob_folder, clock, settings, config.operators, forgotten)
    await ledger.open()
    directory = Directory(ledger, config.operators)
    key_came = asyncio.Event()
    matrix = _matrix(config, known, ledger, writer, directory, probe, key_came.set)
    pool = await stack.enter_async_context(Pool((config.email.domain,)))
    email = mailwing.channel(config, ledger, directory, pool, probe, clock)
    forms = _forms(config, ledger, directory, email.scan)
    channels: dict[Source, Channel] = {
        Source.COMMAND: CommandChannel(),
        Source.MATRIX: matrix,
        Source.EMAIL: email,
        Source.FORM: forms,
    }
    dispatcher = Dispatcher(ledger, channels, key_came, directory.refresh)
    return App(config, writer, ledger, directory, matrix, forms, channels, dispatcher)


def _registration(config: Config) -> registration.Registration:
    path = config.appservice.registration
    try:
        return registration.read(path.read_text("utf-8"), config.homeserver.server_name)
    except OSError as e:
        raise Refuse(f"{path}: {e.strerror}; `folkmoot init` writes a registration") from None
    except registration.RegistrationError as e:
        raise Refuse(f"{path}: {e}") from None


def _matrix(
    config: Config,
    known: registration.Registration,
    ledger: Ledger,
    writer: Writer,
    directory: Directory,
    probe: Probe,
    on_key: Callable[[], None],
) -> MatrixChannel:
    def machine(hooks: Hooks) -> Engine:
        return Machine(
            hooks.api,
            SqlCryptoStore(writer, hooks.user_id),
            hooks.user_id,
            ledger.keys.raw("pickle"),
            members=hooks.members,
            notify=hooks.notify,
            may_have_keys=directory.belongs,
            on_key=hooks.on_key,
            use_device=hooks.use_device,
            share_with=config.encryption.share_with,
        )

    async def on_room(room_id: str, kind: RoomKind) -> None:
        await ledger.remember_room(room_id, kind)
        await directory.refresh()

    return MatrixChannel(
        MatrixSettings(
            url=config.homeserver.url,
            server_name=config.homeserver.server_name,
            as_token=known.as_token,
            hs_token=known.hs_token,
            listen_host=config.appservice.listen.host,
            listen_port=config.appservice.listen.port,
            alias_secret=ledger.keys.raw("alias"),
            operators=config.operators,
            room_version=config.rooms.version,
        ),
        machine,
        on_recovery_key=_recovery_key(config.recovery_file),
        on_room=on_room,
        on_key=on_key,
        probe=probe,
    )


def _recovery_key(path: Path) -> Callable[[str], Awaitable[None]]:
    async def keep(key: str) -> None:
        try:
            await asyncio.to_thread(write_secret, path, key + "\n")
        except FileExistsError:
            # an earlier start may have been cut off after writing this very key
            if (await asyncio.to_thread(path.read_text)).strip() != key:
                raise Refuse(f"{path} holds the key of another identity; move it away first") from None
        log.warning("the recovery key is in %s: keep a copy away from this machine", path)

    return keep


def _forms(config: Config, ledger: Ledger, directory: Directory, scan: Scan) -> FormsChannel:
    organisation = config.organisation or config.homeserver.server_name
    settings = config.web.settings(organisation, ledger.keys.raw("forms"))
    store = ledger.forms(unpack_page)
    return FormsChannel(settings, directory.forms, store, clock, os.urandom, scan=scan)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error with words for the operator, else the first of all."""
    flat: list[BaseException] = []
    queue: list[BaseException] = [group]
    while queue:
        error = queue.pop(0)
        if isinstance(error, BaseExceptionGroup):
            queue.extend(error.exceptions)
        else:
            flat.append(error)
    return next((e for e in flat if isinstance(e, Refuse)), flat[0])
