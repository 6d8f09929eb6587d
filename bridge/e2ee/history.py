"""History for somebody who is about to be invited.

Source: MSC4268 (sharing room keys for past messages).  The inviter sends the bundle before the
invite, and only to cross-signed devices; it holds only keys that their makers marked as shared
with later members (MSC3061).
"""

from __future__ import annotations

import vodozemac

from bridge.e2ee import attachments, to_device
from bridge.e2ee.core import MEGOLM, Core, compact
from bridge.e2ee.devices import Devices
from bridge.e2ee.olm import Olm
from bridge.e2ee.rows import InboundRow
from bridge.e2ee.to_device import ToDevice
from bridge.model import Json

BUNDLE = "m.room_key_bundle"


async def share_history(core: Core, devices: Devices, olm: Olm, room_id: str, user_id: str) -> int:
    """Send the bundle to the user's trusted devices; the number of keys in it, 0 when none was sent.

    Raises `MatrixError`.
    """
    await devices.refresh([user_id])
    trusted = [device for device in devices.of(user_id) if devices.trusted(device)]
    keys, withheld = _bundle(core, await core.store.load(InboundRow, room_id=room_id), room_id)
    lacking = await olm.ensure(trusted) if keys else set()
    ready = [device for device in trusted if device.curve25519 not in lacking]
    if not keys or not ready:
        return 0
    ciphertext, info = attachments.encrypt(compact({"room_keys": keys, "withheld": withheld}))
    content = {"room_id": room_id, "file": {**info, "url": await core.api.upload(ciphertext)}}
    sealed = await olm.encrypt([ToDevice(device, BUNDLE, content) for device in ready])
    messages = [(d, c) for d, c in zip(ready, sealed, strict=True) if c is not None]
    for start in range(0, len(messages), to_device.LIMIT):
        await to_device.send(core, "m.room.encrypted", messages[start : start + to_device.LIMIT])
    return len(keys)


def _bundle(core: Core, rows: list[InboundRow], room_id: str) -> tuple[list[Json], list[Json]]:
    keys: list[Json] = []
    withheld: list[Json] = []
    for row in rows:
        about = {
            "algorithm": MEGOLM,
            "room_id": room_id,
            "session_id": row.session_id,
            "sender_key": row.sender_key,
        }
        if not row.shared_history:
            code = {"code": "m.history_not_shared", "reason": "history not shared"}
            withheld.append({**about, **code})
            continue
        session = vodozemac.InboundGroupSession.from_pickle(row.pickle, core.pickle_key)
        exported = session.export_at(row.first_index)
        if exported is not None:
            claimed = {"sender_claimed_keys": {"ed25519": row.signing_key}}
            keys.append({**about, "session_key": exported.to_base64(), **claimed})
    return keys, withheld
