"""The bot's cross-signing identity and the recovery key that brings it back.

Sources: Client-Server API, "Cross-signing" and "Secret storage".  The seeds are committed
before the server hears of the public keys; the recovery key stays sealed in the store until
its owner says that it is kept, so that no crash loses it.
"""

from __future__ import annotations

import os
from urllib.parse import quote

from bridge.e2ee import secret_storage
from bridge.e2ee.api import MatrixError
from bridge.e2ee.core import Core, mapping
from bridge.e2ee.keys import Keys
from bridge.e2ee.rows import SecretRow
from bridge.e2ee.signing import SigningKey, b64, unb64
from bridge.e2ee.store import Changes
from bridge.errors import Broken
from bridge.model import Json
from bridge.points import Point

MASTER = "m.cross_signing.master"
SELF_SIGNING = "m.cross_signing.self_signing"
USER_SIGNING = "m.cross_signing.user_signing"
_NAMES = (MASTER, SELF_SIGNING, USER_SIGNING)
_RECOVERY = "recovery_key"


class CrossSigning:
    """Creates, recovers and publishes the three keys; signs our own device."""

    def __init__(self, core: Core, keys: Keys) -> None:
        self._core = core
        self._keys = keys
        self.seeds: dict[str, SigningKey] = {}

    @property
    def master(self) -> str | None:
        """The public master key, once there is one."""
        return self.seeds[MASTER].public if self.seeds else None

    async def load(self) -> None:
        """Read the seeds.  Raises `Broken` under a wrong key."""
        secrets = await self._secrets()
        if all(name in secrets for name in _NAMES):
            self._adopt({name: SigningKey(secrets[name]) for name in _NAMES})

    async def bootstrap(self, server: Json) -> str | None:
        """Make server and store agree; `server` is an answer of /keys/query for ourselves.

        Returns the recovery key when one was created and not yet `kept`.  Raises `Broken` when the
        server has an identity that the store does not know.
        """
        named = _public(server, "master_keys", self._core.user_id)
        if not self.seeds:
            if named is not None:
                raise Broken(
                    "the bot has a cross-signing identity that this database does not know: "
                    "give its recovery key, or every staff client will see an identity reset"
                )
            await self._create()
        if named is None:
            await self._publish()
        elif named != self.master:
            raise Broken("the homeserver names another cross-signing identity for the bot than the database")
        await self._sign_device(server)
        recovery = (await self._secrets()).get(_RECOVERY)
        if recovery is None:
            return None
        await self._store_on_server(recovery)
        return secret_storage.encode_recovery_key(recovery)

    async def kept(self) -> None:
        """The recovery key is written down: forget it here."""
        changes = Changes()
        changes.drop(SecretRow(_RECOVERY, b""))
        await self._core.store.commit(Point.CRYPTO_ACCOUNT, changes)

    async def recover(self, recovery_key: str) -> None:
        """Fetch the seeds with the recovery key.  Raises `Broken` with the reason when it does not fit."""
        try:
            key = secret_storage.decode_recovery_key(recovery_key)
        except ValueError as error:
            raise Broken(f"the recovery key is {error}") from error
        key_id = (await self._account_data("m.secret_storage.default_key")).get("key")
        if not isinstance(key_id, str):
            raise Broken("the homeserver holds no secret storage for the bot")
        if not secret_storage.opens(key, await self._account_data(f"m.secret_storage.key.{key_id}")):
            raise Broken("this recovery key does not open the bot's secret storage")
        seeds: dict[str, SigningKey] = {}
        for name in _NAMES:
            entry = mapping(mapping(await self._account_data(name), "encrypted"), key_id)
            try:
                seeds[name] = SigningKey(unb64(secret_storage.decrypt_secret(key, name, entry)))
            except ValueError as error:
                raise Broken(f"the secret storage of the bot is damaged: {name}") from error
        answer = await self._core.api.request(
            Point.KEYS_QUERY,
            "POST",
            "/_matrix/client/v3/keys/query",
            {"device_keys": {self._core.user_id: []}},
        )
        if _public(answer, "master_keys", self._core.user_id) != seeds[MASTER].public:
            raise Broken("the recovery key belongs to an older identity of the bot")
        await self._keep(seeds)

    # ------------------------------------------------------------ the steps

    async def _create(self) -> None:
        await self._keep({name: SigningKey.generate() for name in _NAMES}, recovery=os.urandom(32))

    async def _keep(self, seeds: dict[str, SigningKey], recovery: bytes | None = None) -> None:
        changes = Changes()
        for name, key in seeds.items():
            changes.put(self._sealed(name, key.seed))
        if recovery is not None:
            changes.put(self._sealed(_RECOVERY, recovery))
        await self._core.store.commit(Point.CRYPTO_ACCOUNT, changes)
        self._adopt(seeds)

    def _adopt(self, seeds: dict[str, SigningKey]) -> None:
        self.seeds = seeds
        self._keys.use_self_signing(seeds[SELF_SIGNING])

    async def _publish(self) -> None:
        def public(name: str, usage: str) -> Json:
            key = self.seeds[name].public
            return {"user_id": self._core.user_id, "usage": [usage], "keys": {f"ed25519:{key}": key}}

        master = self.seeds[MASTER]
        body = {
            "master_key": self._keys.sign(public(MASTER, "master")),
            "self_signing_key": public(SELF_SIGNING, "self_signing"),
            "user_signing_key": public(USER_SIGNING, "user_signing"),
        }
        for part in ("self_signing_key", "user_signing_key"):
            signature = {f"ed25519:{master.public}": master.sign(body[part])}
            body[part]["signatures"] = {self._core.user_id: signature}
        path = "/_matrix/client/v3/keys/device_signing/upload"
        await self._core.api.request(Point.SIGNING_UPLOAD, "POST", path, body)

    async def _sign_device(self, server: Json) -> None:
        user, device = self._core.user_id, self._core.device_id
        known = mapping(mapping(mapping(server, "device_keys"), user), device)
        own = self._keys.device_keys()
        name = f"ed25519:{self.seeds[SELF_SIGNING].public}"
        signature = own["signatures"][user][name]
        if mapping(mapping(known, "signatures"), user).get(name) == signature:
            return
        signed = {**own, "signatures": {user: {name: signature}}}
        path = "/_matrix/client/v3/keys/signatures/upload"
        answer = await self._core.api.request(Point.SIGNATURES_UPLOAD, "POST", path, {user: {device: signed}})
        if mapping(answer, "failures"):
            raise Broken("the homeserver refused the signature of the bot's own device")

    async def _store_on_server(self, key: bytes) -> None:
        """Idempotent: run again after a crash it writes the same secrets under the same key."""
        default = await self._account_data("m.secret_storage.default_key")
        key_id = default.get("key")
        if isinstance(key_id, str) and secret_storage.opens(
            key, await self._account_data(f"m.secret_storage.key.{key_id}")
        ):
            return
        key_id = os.urandom(16).hex()
        await self._set_account_data(f"m.secret_storage.key.{key_id}", secret_storage.key_description(key))
        for name, seed in self.seeds.items():
            secret = secret_storage.encrypt_secret(key, name, b64(seed.seed))
            await self._set_account_data(name, {"encrypted": {key_id: secret}})
        await self._set_account_data("m.secret_storage.default_key", {"key": key_id})

    # ------------------------------------------------------------ where it lies

    def _place(self, name: str) -> str:
        return f"{self._core.user_id} {name}"

    def _sealed(self, name: str, secret: bytes) -> SecretRow:
        return SecretRow(name, self._core.sealer.seal(self._place(name), secret))

    async def _secrets(self) -> dict[str, bytes]:
        rows = await self._core.store.load(SecretRow)
        return {row.name: self._core.sealer.open(self._place(row.name), row.sealed) for row in rows}

    def _path(self, kind: str) -> str:
        user = quote(self._core.user_id, safe="")
        return f"/_matrix/client/v3/user/{user}/account_data/{quote(kind, safe='')}"

    async def _account_data(self, kind: str) -> Json:
        try:
            return await self._core.api.request(Point.ACCOUNT_DATA, "GET", self._path(kind))
        except MatrixError as error:
            if error.status == 404:
                return {}
            raise

    async def _set_account_data(self, kind: str, content: Json) -> None:
        await self._core.api.request(Point.ACCOUNT_DATA, "PUT", self._path(kind), content)


def _public(answer: Json, kind: str, user_id: str) -> str | None:
    keys = mapping(mapping(mapping(answer, kind), user_id), "keys")
    return next((key for key in keys.values() if isinstance(key, str)), None)
