"""A homeserver in memory: devices, keys, to-device messages, /sync and account data.

As strict as a real one where the machine depends on it: a one-time key is given out once, a
one-time key that is offered again with the same ID is an error, to-device messages stay until
a later `since` acknowledges them.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from bridge.e2ee.api import MatrixError
from bridge.model import Json
from bridge.points import Point, Probe, quiet


@dataclass
class Device:
    keys: Json | None = None
    one_time: dict[str, Json] = field(default_factory=dict)
    offered: set[str] = field(default_factory=set)
    fallback: dict[str, Json] = field(default_factory=dict)
    fallback_used: bool = True
    inbox: list[tuple[int, Json]] = field(default_factory=list)
    history: list[Json] = field(default_factory=list)
    claims: int = 0


@dataclass
class User:
    devices: dict[str, Device] = field(default_factory=dict)
    cross_signing: dict[str, Json] = field(default_factory=dict)
    account_data: dict[str, Json] = field(default_factory=dict)
    changed: list[tuple[int, str]] = field(default_factory=list)  # whose lists changed, as this user sees it


class FakeHomeserver:
    """All servers at once.  `down` are server names that do not answer; `sent` counts by point."""

    def __init__(self) -> None:
        self.users: defaultdict[str, User] = defaultdict(User)
        self.position = 0
        self.down: set[str] = set()
        self.requests: list[Point] = []
        self.claimed: list[str] = []
        self.media: dict[str, bytes] = {}
        self.to_device_sizes: list[int] = []
        self.news = asyncio.Event()

    def next(self) -> int:
        self.position += 1
        self.news.set()
        return self.position

    def list_changed(self, user_id: str) -> None:
        """Everybody hears that this user's devices or identity changed."""
        for user in self.users.values():
            user.changed.append((self.next(), user_id))

    def remove_device(self, user_id: str, device_id: str) -> None:
        del self.users[user_id].devices[device_id]
        self.list_changed(user_id)

    def api(self, user_id: str, probe: Probe = quiet) -> FakeApi:
        return FakeApi(self, user_id, probe)


class FakeApi:
    """The twin of the appservice's client: requests as one user and, once known, one device."""

    def __init__(self, server: FakeHomeserver, user_id: str, probe: Probe) -> None:
        self.server = server
        self.user_id = user_id
        self.device_id = ""
        self.probe = probe

    def use_device(self, device_id: str) -> None:
        self.device_id = device_id

    @property
    def user(self) -> User:
        return self.server.users[self.user_id]

    @property
    def device(self) -> Device:
        if self.device_id not in self.user.devices:
            raise MatrixError(403, "M_FORBIDDEN", "unknown device")
        return self.user.devices[self.device_id]

    async def upload(self, data: bytes) -> str:
        uri = f"mxc://alder.example/{len(self.server.media)}"
        self.server.media[uri] = data
        return uri

    async def request(
        self,
        point: Point,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        query: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Json:
        assert timeout > 0
        self.probe(point, "before")
        self.server.requests.append(point)
        await asyncio.sleep(0)
        parts = [unquote(part) for part in path.removeprefix("/_matrix/client/v3/").split("/")]
        copy = json.loads(json.dumps(body)) if body is not None else {}
        answer = self.answer(method, parts, copy, dict(query or {}))
        if point is Point.SYNC and not answer["to_device"]["events"] and (query or {}).get("timeout") != "0":
            self.server.news.clear()
            await asyncio.wait_for(self.server.news.wait(), timeout)
            answer = self.answer(method, parts, copy, dict(query or {}))
        self.probe(point, "after")
        result: Json = json.loads(json.dumps(answer))
        return result

    def answer(self, method: str, parts: list[str], body: Json, query: dict[str, str]) -> Json:
        match method, parts:
            case "PUT", ["devices", device_id]:
                self.user.devices.setdefault(device_id, Device())
                return {}
            case "POST", ["keys", "upload"]:
                return self.keys_upload(body)
            case "POST", ["keys", "query"]:
                return self.keys_query(body)
            case "POST", ["keys", "claim"]:
                return self.keys_claim(body)
            case "POST", ["keys", "device_signing", "upload"]:
                self.user.cross_signing = body
                self.server.list_changed(self.user_id)
                return {}
            case "POST", ["keys", "signatures", "upload"]:
                return self.signatures(body)
            case "PUT", ["sendToDevice", kind, _]:
                return self.send_to_device(kind, body["messages"])
            case "GET", ["sync"]:
                return self.sync(query)
            case "GET", ["user", _, "account_data", kind]:
                if kind not in self.user.account_data:
                    raise MatrixError(404, "M_NOT_FOUND", "no such account data")
                return self.user.account_data[kind]
            case "PUT", ["user", _, "account_data", kind]:
                self.user.account_data[kind] = body
                return {}
        raise AssertionError(f"{method} {parts}")

    def keys_upload(self, body: Json) -> Json:
        device = self.device
        if "device_keys" in body:
            device.keys = body["device_keys"]
            self.server.list_changed(self.user_id)
        for name, key in body.get("one_time_keys", {}).items():
            if name in device.offered:
                raise MatrixError(400, "M_UNKNOWN", "one time key already exists")
            device.offered.add(name)
            device.one_time[name] = key
        if "fallback_keys" in body:
            device.fallback, device.fallback_used = body["fallback_keys"], False
        return {"one_time_key_counts": {"signed_curve25519": len(device.one_time)}}

    def keys_query(self, body: Json) -> Json:
        out: Json = {
            "device_keys": {},
            "failures": {},
            "master_keys": {},
            "self_signing_keys": {},
            "user_signing_keys": {},
        }
        for user_id in body["device_keys"]:
            server = user_id.partition(":")[2]
            if server in self.server.down:
                out["failures"][server] = {}
                continue
            user = self.server.users[user_id]
            out["device_keys"][user_id] = {n: d.keys for n, d in user.devices.items() if d.keys is not None}
            for kind in ("master_key", "self_signing_key", "user_signing_key"):
                if kind in user.cross_signing:
                    out[f"{kind}s"][user_id] = user.cross_signing[kind]
        return out

    def keys_claim(self, body: Json) -> Json:
        out: Json = {}
        for user_id, wanted in body["one_time_keys"].items():
            for device_id in wanted:
                device = self.server.users[user_id].devices.get(device_id)
                if device is None or user_id.partition(":")[2] in self.server.down:
                    continue
                device.claims += 1
                if device.one_time:
                    name = next(iter(device.one_time))
                    key = device.one_time.pop(name)
                elif device.fallback:
                    [(name, key)] = device.fallback.items()
                    device.fallback_used = True
                else:
                    continue
                if not key.get("fallback"):
                    self.server.claimed.append(f"{user_id} {device_id} {name}")
                out.setdefault(user_id, {})[device_id] = {name: key}
        return {"one_time_keys": out, "failures": {}}

    def signatures(self, body: Json) -> Json:
        for user_id, objects in body.items():
            user = self.server.users[user_id]
            for name, signed in objects.items():
                stored = user.devices[name].keys
                assert stored is not None
                stored["signatures"][user_id].update(signed["signatures"][user_id])
            self.server.list_changed(user_id)
        return {"failures": {}}

    def send_to_device(self, kind: str, messages: Json) -> Json:
        self.server.to_device_sizes.append(sum(len(by_device) for by_device in messages.values()))
        for user_id, by_device in messages.items():
            for device_id, content in by_device.items():
                device = self.server.users[user_id].devices.get(device_id)
                if device is not None:
                    event = {"type": kind, "sender": self.user_id, "content": content}
                    device.inbox.append((self.server.next(), event))
                    device.history.append(event)
        return {}

    def sync(self, query: dict[str, str]) -> Json:
        device = self.device
        since = int(query.get("since", "0"))
        device.inbox = [(at, event) for at, event in device.inbox if at > since]
        page = device.inbox[:100]
        position = page[-1][0] if len(device.inbox) > len(page) else self.server.position
        changed = {who for at, who in self.user.changed if since < at <= position}
        return {
            "next_batch": str(position),
            "to_device": {"events": [event for _, event in page]},
            "device_lists": {"changed": sorted(changed)},
            "device_one_time_keys_count": {"signed_curve25519": len(device.one_time)},
            "device_unused_fallback_key_types": [] if device.fallback_used else ["signed_curve25519"],
        }
