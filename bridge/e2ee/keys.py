"""The Olm account of our device and what the homeserver knows of it.

Sources: Client-Server API, "Device keys", "One-time and fallback keys" (POST /keys/upload).
Keys are marked as published and committed *before* they are uploaded: an upload whose
answer was lost costs some unused keys, but no one-time key is ever offered twice.
"""

from __future__ import annotations

import logging
import os
from typing import Any

import vodozemac

from bridge.e2ee.core import MEGOLM, OLM, Core, mapping
from bridge.e2ee.rows import AccountRow
from bridge.e2ee.signing import SigningKey, signable
from bridge.e2ee.store import Changes
from bridge.errors import Broken
from bridge.model import Json
from bridge.points import Point

log = logging.getLogger(__name__)
KEY_KIND = "signed_curve25519"


class Keys:
    """The account: loaded or created once, then changed under `core.olm_lock` only."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.row: AccountRow
        self.account: Any  # vodozemac.Account; its stub lacks the fallback key
        self.self_signing: SigningKey | None = None
        self.curve25519 = ""
        self.ed25519 = ""
        self._pending_fallback: Json = {}
        self._device_keys: Json = {}

    async def load(self) -> bool:
        """Read the account; False when there is none yet.  Raises `Broken` under a wrong pickle key."""
        rows = await self._core.store.load(AccountRow, user_id=self._core.user_id)
        if not rows:
            return False
        try:
            account = vodozemac.Account.from_pickle(rows[0].pickle, self._core.pickle_key)
        except ValueError as error:
            raise Broken("the crypto store does not open: check the key file") from error
        self._adopt(account, rows[0])
        return True

    async def create(self) -> None:
        """A new account with a new device ID, committed before anybody hears of it."""
        account = vodozemac.Account()
        device_id = "FM" + os.urandom(5).hex().upper()
        row = AccountRow(self._core.user_id, device_id, account.pickle(self._core.pickle_key))
        changes = Changes()
        changes.put(row)
        await self._core.store.commit(Point.CRYPTO_ACCOUNT, changes)
        self._adopt(account, row)

    def _adopt(self, account: Any, row: AccountRow) -> None:
        self.account, self.row = account, row
        self._core.device_id = row.device_id
        self.curve25519 = account.curve25519_key.to_base64()
        self.ed25519 = account.ed25519_key.to_base64()
        self._device_keys = {}

    def saved(self, *, uploaded: bool | None = None, sync_token: str | None = None) -> AccountRow:
        """The row of the account as it is now; the caller commits it, then sets `row`."""
        return AccountRow(
            self.row.user_id,
            self.row.device_id,
            self.account.pickle(self._core.pickle_key),
            self.row.uploaded if uploaded is None else uploaded,
            sync_token or self.row.sync_token,
        )

    def sign(self, obj: Json) -> Json:
        """`obj` with our device's signature added."""
        signature = self.account.sign(signable(obj)).to_base64()
        signatures = {user: dict(by_key) for user, by_key in obj.get("signatures", {}).items()}
        signatures.setdefault(self._core.user_id, {})[f"ed25519:{self._core.device_id}"] = signature
        return {**obj, "signatures": signatures}

    def device_keys(self) -> Json:
        """Our device keys, signed by the device and, where we have it, by the self-signing key."""
        if not self._device_keys:
            device = self._core.device_id
            keys = self.sign(
                {
                    "user_id": self._core.user_id,
                    "device_id": device,
                    "algorithms": [OLM, MEGOLM],
                    "keys": {f"ed25519:{device}": self.ed25519, f"curve25519:{device}": self.curve25519},
                }
            )
            if self.self_signing is not None:
                own = keys["signatures"][self._core.user_id]
                own[f"ed25519:{self.self_signing.public}"] = self.self_signing.sign(keys)
            self._device_keys = keys
        return self._device_keys

    def use_self_signing(self, key: SigningKey) -> None:
        """Sign our device keys with it from now on."""
        self.self_signing = key
        self._device_keys = {}

    async def upload(self, on_server: int | None, *, fallback: bool) -> None:
        """Fill up the one-time keys (`on_server`: how many are left; None: ask), replace the fallback key.

        Sends the device keys too while the server has never confirmed them.  Raises `MatrixError`.
        """
        async with self._core.olm_lock:
            if on_server is None:
                answer = await self._core.api.request(Point.KEYS_UPLOAD, "POST", _UPLOAD, {})
                on_server = _count(answer)
            body = self._generate(on_server, fallback)
            if not body:
                return
            await self._commit(self.saved())
            await self._core.api.request(Point.KEYS_UPLOAD, "POST", _UPLOAD, body)
            self._pending_fallback = {}
            if not self.row.uploaded:
                await self._commit(self.saved(uploaded=True))

    def _generate(self, on_server: int, fallback: bool) -> Json:
        body: Json = {} if self.row.uploaded else {"device_keys": self.device_keys()}
        missing = self.account.max_number_of_one_time_keys - on_server
        if missing > 0:
            self.account.generate_one_time_keys(missing)
            body["one_time_keys"] = self._signed(self.account.one_time_keys)
        if fallback and not self._pending_fallback:
            self.account.generate_fallback_key()
            self._pending_fallback = self._signed(self.account.fallback_key, fallback=True)
        if self._pending_fallback:
            body["fallback_keys"] = self._pending_fallback
        self.account.mark_keys_as_published()
        return body

    def _signed(self, keys: dict[str, Any], **more: bool) -> Json:
        return {
            f"{KEY_KIND}:{key_id}": self.sign({"key": key.to_base64(), **more})
            for key_id, key in keys.items()
        }

    async def _commit(self, row: AccountRow) -> None:
        changes = Changes()
        changes.put(row)
        await self._core.store.commit(Point.CRYPTO_ACCOUNT, changes)
        self.row = row

    async def check_server(self) -> Json:
        """Our keys as the server has them (an answer of /keys/query).

        Raises `Broken` when it has lost our device, or has other keys under its ID: to go on would
        show every other member a device whose keys change.
        """
        user, device = self._core.user_id, self._core.device_id
        answer = await self._core.api.request(
            Point.KEYS_QUERY, "POST", "/_matrix/client/v3/keys/query", {"device_keys": {user: []}}
        )
        known = mapping(mapping(mapping(answer, "device_keys"), user), device)
        named = mapping(known, "keys").get(f"ed25519:{device}")
        if named is None and self.row.uploaded:
            raise Broken(f"the homeserver no longer has the keys of our device {device}: was it deleted?")
        if named not in (None, self.ed25519):
            raise Broken(f"the homeserver has other keys for our device {device} than the crypto store")
        return answer


_UPLOAD = "/_matrix/client/v3/keys/upload"


def _count(answer: Json) -> int:
    count = mapping(answer, "one_time_key_counts").get(KEY_KIND, 0)
    return count if isinstance(count, int) else 0
