"""Cross-signing for a user whose client cannot: their keys, their upload, and the signing of devices.

Client-Server API, "Cross-signing".  The keys live as long as the object.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import quote

from bridge.demo.matrix import Door
from bridge.e2ee import secret_storage
from bridge.e2ee.api import MatrixError
from bridge.e2ee.cross_signing import MASTER, SELF_SIGNING, USER_SIGNING
from bridge.e2ee.signing import SigningKey, b64, verify
from bridge.model import Json


@dataclass(frozen=True)
class CrossSigning:
    """A user's three keys."""

    user_id: str
    master: SigningKey
    self_signing: SigningKey
    user_signing: SigningKey

    @classmethod
    def generate(cls, user_id: str) -> CrossSigning:
        """A new identity."""
        return cls(user_id, SigningKey.generate(), SigningKey.generate(), SigningKey.generate())

    async def upload(self, door: Door, token: str, password: str) -> None:
        """Makes this the user's identity, in place of any before; raises `MatrixError`."""
        auth = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": self.user_id},
            "password": password,
        }
        master = self._key("master", self.master)
        body = {
            "master_key": master,
            "self_signing_key": self._signed(self._key("self_signing", self.self_signing), self.master),
            "user_signing_key": self._signed(self._key("user_signing", self.user_signing), self.master),
            "auth": auth,
        }
        await door.request("POST", "/_matrix/client/v3/keys/device_signing/upload", body, token=token)

    async def sign_device(self, door: Door, token: str, device_id: str, ed25519: str) -> None:
        """Signs the user's device, after checking that its key is `ed25519` and its signature good.

        Raises `MatrixError` (`M_NOT_FOUND`) when the homeserver does not list it.
        """
        answer = await door.request(
            "POST", "/_matrix/client/v3/keys/query", {"device_keys": {self.user_id: []}}, token=token
        )
        device = answer.get("device_keys", {}).get(self.user_id, {}).get(device_id)
        if device is None:
            raise MatrixError(404, "M_NOT_FOUND", "the homeserver does not list the device")
        listed = device.get("keys", {}).get(f"ed25519:{device_id}")
        if listed != ed25519 or not verify(device, self.user_id, device_id, ed25519):
            raise MatrixError(403, "M_FORBIDDEN", "the homeserver lists the device under another key")
        bare = {key: device[key] for key in ("algorithms", "device_id", "keys", "user_id")}
        bare["signatures"] = {
            self.user_id: {f"ed25519:{device_id}": _signature(device, self.user_id, device_id)}
        }
        signed = self._signed(bare, self.self_signing)
        answer = await door.request(
            "POST",
            "/_matrix/client/v3/keys/signatures/upload",
            {self.user_id: {device_id: signed}},
            token=token,
        )
        if answer.get("failures"):
            raise MatrixError(400, "M_INVALID_SIGNATURE", "the homeserver refused the signature")

    async def store(self, door: Door, token: str) -> str:
        """Puts the keys into the user's secret storage; the recovery key that opens it.

        With it a new login of any client verifies itself ("Secret storage").
        """
        key, key_id = os.urandom(32), os.urandom(16).hex()
        secrets = {
            MASTER: self.master,
            SELF_SIGNING: self.self_signing,
            USER_SIGNING: self.user_signing,
        }
        contents = {f"m.secret_storage.key.{key_id}": secret_storage.key_description(key)}
        for name, pair in secrets.items():
            secret = secret_storage.encrypt_secret(key, name, b64(pair.seed))
            contents[name] = {"encrypted": {key_id: secret}}
        contents["m.secret_storage.default_key"] = {"key": key_id}
        user = quote(self.user_id, safe="")
        for name, content in contents.items():
            path = f"/_matrix/client/v3/user/{user}/account_data/{quote(name, safe='')}"
            await door.request("PUT", path, content, token=token)
        return secret_storage.encode_recovery_key(key)

    def _key(self, usage: str, key: SigningKey) -> Json:
        return {"user_id": self.user_id, "usage": [usage], "keys": {f"ed25519:{key.public}": key.public}}

    def _signed(self, obj: Json, key: SigningKey) -> Json:
        signatures = dict(obj.get("signatures", {}).get(self.user_id, {}))
        signatures[f"ed25519:{key.public}"] = key.sign(obj)
        return {**obj, "signatures": {self.user_id: signatures}}


def _signature(device: Json, user_id: str, device_id: str) -> str:
    signature: str = device["signatures"][user_id][f"ed25519:{device_id}"]
    return signature
