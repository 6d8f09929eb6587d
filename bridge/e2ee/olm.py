"""Olm: the channel between our device and each other one.

Sources: Client-Server API, "m.olm.v1.curve25519-aes-sha2"; MSC4147 (sender_device_keys).

Ratchets are committed before what they encrypted is sent.  What we received is committed
by the caller (together with the sync token); when that fails, `forget` goes back to what is stored.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import vodozemac

from bridge.e2ee import to_device
from bridge.e2ee.core import OLM, Core, compact, mapping, text
from bridge.e2ee.devices import Devices
from bridge.e2ee.keys import KEY_KIND, Keys
from bridge.e2ee.rows import DeviceRow, OlmRow
from bridge.e2ee.signing import b64, unb64, verify
from bridge.e2ee.store import Changes
from bridge.e2ee.to_device import ToDevice
from bridge.model import Json
from bridge.points import Point

log = logging.getLogger(__name__)
_KEPT = 5  # sessions with one device
_EMPTY = 60_000  # ms before a device without one-time keys is asked again
_UNWEDGE = 3_600_000  # ms between two new sessions for one broken channel


class Wedged(ValueError):
    """The message cannot be read with any session we have: the channel wants a new one."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What came out of an Olm message, its envelope checked."""

    kind: str
    content: Json = field(repr=False)
    sender: str
    sender_key: str
    signing_key: str


@dataclass(slots=True)
class _Open:
    row: OlmRow
    session: vodozemac.Session


class Olm:
    """Sessions by the other side's Curve25519 key, the most recently used first."""

    def __init__(self, core: Core, keys: Keys, devices: Devices) -> None:
        self._core = core
        self._keys = keys
        self._devices = devices
        self._open: dict[str, list[_Open]] = {}
        self._empty: dict[str, int] = {}
        self._unwedged: dict[str, int] = {}
        self._claiming = asyncio.Lock()

    def forget(self) -> None:
        """Read everything from the store again (under `core.olm_lock`)."""
        self._open.clear()

    def heard_from(self, curve25519: str) -> None:
        """The device may have one-time keys again: do not wait."""
        self._empty.pop(curve25519, None)

    async def _preload(self, sender_keys: Iterable[str]) -> None:
        missing = [key for key in dict.fromkeys(sender_keys) if key not in self._open]
        for start in range(0, len(missing), 250):
            part = missing[start : start + 250]
            found: dict[str, list[_Open]] = {key: [] for key in part}
            for row in await self._core.store.load(OlmRow, sender_key=part):
                session = vodozemac.Session.from_pickle(row.pickle, self._core.pickle_key)
                found[row.sender_key].append(_Open(row, session))
            for key, sessions in found.items():
                self._open[key] = sorted(sessions, key=lambda s: -s.row.used)

    async def has_session(self, device: DeviceRow) -> bool:
        """Whether there is a channel, working or not."""
        async with self._core.olm_lock:
            await self._preload([device.curve25519])
            return bool(self._open[device.curve25519])

    # ------------------------------------------------------------ out

    async def ensure(self, devices: Sequence[DeviceRow], *, anew: bool = False) -> set[str]:
        """Claim one-time keys for those without a session (`anew`: for all of them).

        Returns the Curve25519 keys of those that still have none.  Raises `MatrixError`.
        """
        async with self._claiming:
            async with self._core.olm_lock:
                await self._preload(d.curve25519 for d in devices)
                lacking = [d for d in devices if anew or not self._open[d.curve25519]]
            now = self._core.clock()
            ask = list({d.key: d for d in lacking if self._empty.get(d.curve25519, 0) <= now}.values())
            if ask:
                answer = await self._claim(ask)
                async with self._core.olm_lock:
                    made = await self._create(ask, answer, now)
                lacking = [d for d in lacking if d.curve25519 not in made]
        return {d.curve25519 for d in lacking}

    async def _claim(self, devices: Iterable[DeviceRow]) -> Json:
        wanted: dict[str, Json] = {}
        for device in devices:
            wanted.setdefault(device.user_id, {})[device.device_id] = KEY_KIND
        body = {"one_time_keys": wanted, "timeout": 10_000}
        answer = await self._core.api.request(Point.KEYS_CLAIM, "POST", "/_matrix/client/v3/keys/claim", body)
        return mapping(answer, "one_time_keys")

    async def _create(self, devices: Iterable[DeviceRow], claimed: Json, now: int) -> set[str]:
        changes, made = Changes(), dict[str, _Open]()
        for device in devices:
            session = self._from_claim(device, claimed)
            if session is None:
                self._empty[device.curve25519] = now + _EMPTY
                continue
            pickle = session.pickle(self._core.pickle_key)
            row = OlmRow(device.curve25519, session.session_id, pickle, now, now)
            made[device.curve25519] = _Open(row, session)
            changes.put(row)
        if changes:
            await self._core.store.commit(Point.CRYPTO_OLM, changes)
            await self._preload(made)
        for sender_key, opened in made.items():
            known = [s for s in self._open[sender_key] if s.row.session_id != opened.row.session_id]
            self._open[sender_key] = [opened, *known]
        return set(made)

    def _from_claim(self, device: DeviceRow, claimed: Json) -> vodozemac.Session | None:
        offered = mapping(mapping(claimed, device.user_id), device.device_id)
        key = next(iter(offered.values()), None)
        if not isinstance(key, dict) or not verify(key, device.user_id, device.device_id, device.ed25519):
            return None
        try:
            identity = vodozemac.Curve25519PublicKey.from_base64(device.curve25519)
            one_time = vodozemac.Curve25519PublicKey.from_base64(text(key, "key"))
            session: vodozemac.Session = self._keys.account.create_outbound_session(identity, one_time)
        except ValueError:
            log.warning("a one-time key of device %s of %s is malformed", device.device_id, device.user_id)
            return None
        return session

    async def encrypt(self, messages: Sequence[ToDevice]) -> list[Json | None]:
        """`m.room.encrypted` contents in the order of `messages`; None where there is no session.

        The ratchets are committed when this returns.
        """
        async with self._core.olm_lock:
            await self._preload(m.device.curve25519 for m in messages)
            changes, out = Changes(), list[Json | None]()
            for message in messages:
                sessions = self._open[message.device.curve25519]
                out.append(self._encrypt(sessions[0], message) if sessions else None)
                if sessions:
                    changes.put(sessions[0].row)
            if changes:
                await self._core.store.commit(Point.CRYPTO_OLM, changes)
            return out

    def _encrypt(self, opened: _Open, message: ToDevice) -> Json:
        device = message.device
        payload = {
            "type": message.kind,
            "content": message.content,
            "sender": self._core.user_id,
            "recipient": device.user_id,
            "recipient_keys": {"ed25519": device.ed25519},
            "keys": {"ed25519": self._keys.ed25519},
            "sender_device_keys": self._keys.device_keys(),
        }
        kind, body = opened.session.encrypt(compact(payload)).to_parts()
        opened.row = replace(opened.row, pickle=opened.session.pickle(self._core.pickle_key))
        return {
            "algorithm": OLM,
            "sender_key": self._keys.curve25519,
            "ciphertext": {device.curve25519: {"type": kind, "body": b64(body)}},
        }

    async def unwedge(self, user_id: str, curve25519: str) -> None:
        """A new session for a broken channel, at most once an hour, announced by `m.dummy`.

        Strangers are not answered: nobody makes us ask servers about users of no room of ours.
        """
        if not self._devices.known(user_id):
            return
        now = self._core.clock()
        if now - self._unwedged.get(curve25519, -_UNWEDGE) < _UNWEDGE:
            return
        await self._devices.refresh([user_id])
        device = self._devices.by_curve25519(user_id, curve25519)
        if device is None:
            return
        self._unwedged[curve25519] = now
        if not await self.ensure([device], anew=True):
            [content] = await self.encrypt([ToDevice(device, "m.dummy", {})])
            if content is not None:
                await to_device.send(self._core, "m.room.encrypted", [(device, content)])

    # ------------------------------------------------------------ in

    async def decrypt(self, sender: str, content: Any, changes: Changes) -> tuple[str, bytes]:
        """The plaintext for us and its sender's key (under `core.olm_lock`); ratchets go to `changes`.

        Raises `Wedged`, or ValueError for what is malformed or not for us.
        """
        sender_key = text(content, "sender_key")
        part = mapping(mapping(content, "ciphertext"), self._keys.curve25519)
        if content.get("algorithm") != OLM or not isinstance(part.get("type"), int):
            raise ValueError("not an Olm message for us")
        kind = 0 if part["type"] == 0 else 1
        message = vodozemac.AnyOlmMessage.from_parts(kind, unb64(text(part, "body")))
        first = message.to_pre_key() if kind == 0 else None
        await self._preload([sender_key])
        plain = self._with_known(sender_key, message, first, changes)
        if plain is None:
            if first is None:
                raise Wedged(f"no session for a message of {sender}")
            plain = self._with_new(sender_key, first, changes)
        return sender_key, plain

    def _with_known(
        self, sender_key: str, message: Any, first: vodozemac.PreKeyMessage | None, changes: Changes
    ) -> bytes | None:
        for opened in list(self._open[sender_key]):
            if first is not None and not opened.session.session_matches(first):
                continue
            try:
                plain = opened.session.decrypt(message)
            except ValueError:
                if first is not None:
                    raise Wedged("a message of a known session does not decrypt") from None
                continue
            self._received(sender_key, opened, changes)
            return plain
        return None

    def _with_new(self, sender_key: str, first: vodozemac.PreKeyMessage, changes: Changes) -> bytes:
        identity = vodozemac.Curve25519PublicKey.from_base64(sender_key)
        try:
            session, plain = self._keys.account.create_inbound_session(identity, first)
        except ValueError:
            raise Wedged("a new session cannot be opened") from None
        now = self._core.clock()
        self._received(
            sender_key, _Open(OlmRow(sender_key, session.session_id, "", now, now), session), changes
        )
        for old in self._open[sender_key][_KEPT:]:
            changes.drop(old.row)
        del self._open[sender_key][_KEPT:]
        result: bytes = plain
        return result

    def _received(self, sender_key: str, opened: _Open, changes: Changes) -> None:
        pickle = opened.session.pickle(self._core.pickle_key)
        opened.row = replace(opened.row, pickle=pickle, used=self._core.clock())
        rest = [s for s in self._open[sender_key] if s is not opened]
        self._open[sender_key] = [opened, *rest]
        self._empty.pop(sender_key, None)
        changes.put(opened.row)

    def open_payload(self, sender: str, sender_key: str, plain: bytes) -> Payload:
        """The payload, when it is by `sender` and for us.  Raises ValueError.

        `sender_device_keys` (MSC4147) is checked whole, its `user_id` too (CVE-2026-45056).
        """
        payload = json.loads(plain)
        signing_key = text(mapping(payload, "keys"), "ed25519")
        if (
            payload.get("sender") != sender
            or payload.get("recipient") != self._core.user_id
            or mapping(payload, "recipient_keys").get("ed25519") != self._keys.ed25519
        ):
            raise ValueError("the payload is not of this sender for us")
        for name in ("sender_device_keys", "org.matrix.msc4147.device_keys"):
            if name in payload and not _their_keys(payload[name], sender, sender_key, signing_key):
                raise ValueError(f"{name} is not of the device that sent it")
        content = payload.get("content")
        if not isinstance(content, dict):
            raise ValueError("content is missing")  # noqa: TRY004 (malformed input is a ValueError here)
        return Payload(text(payload, "type"), content, sender, sender_key, signing_key)


def _their_keys(keys: Any, sender: str, curve25519: str, ed25519: str) -> bool:
    device_id = keys.get("device_id") if isinstance(keys, dict) else None
    return (
        isinstance(device_id, str)
        and keys.get("user_id") == sender
        and mapping(keys, "keys").get(f"curve25519:{device_id}") == curve25519
        and mapping(keys, "keys").get(f"ed25519:{device_id}") == ed25519
        and verify(keys, sender, device_id, ed25519)
    )
