"""The rooms as they should be: rights, servers, names, aliases."""

from __future__ import annotations

import pytest

from bridge.appservice import layout
from bridge.model import Consultation, Partner, RoomKind

BOT = "@folkmoot_bot:alder.example"
PARK = Consultation(
    slug="park-2027",
    title="Riverside Park 2027",
    languages=("en",),
    mailbox="park-2027",
    staff=("@clerk:alder.example",),
    partners=(
        Partner(
            "Birch County", "birch.example:8448", ("@first:birch.example:8448", "@second:birch.example:8448")
        ),
    ),
)


def test_an_alias_is_stable_opaque_and_in_the_namespace() -> None:
    secret = b"s" * 32
    found = {
        layout.opaque_alias(secret, kind, slug) for kind in RoomKind for slug in ("park-2027", "budget-2027")
    }
    assert len(found) == len(RoomKind) * 2
    assert found == {
        layout.opaque_alias(secret, kind, slug) for kind in RoomKind for slug in ("park-2027", "budget-2027")
    }
    assert all(alias.startswith("folkmoot_") and "park" not in alias for alias in found)
    assert layout.opaque_alias(b"t" * 32, RoomKind.DESK, "park-2027") not in found


@pytest.mark.parametrize(
    ("servers", "allow", "literals"),
    [
        (["alder.example"], ["alder.example", "alder.example:*"], False),
        (["b.example:8448", "b.example"], ["b.example", "b.example:*"], False),
        (["127.0.0.1:8448"], ["127.0.0.1", "127.0.0.1:*"], True),
        (["[::1]:8448"], ["[::1]", "[::1]:*"], True),
    ],
)
def test_the_acl_names_hosts_with_and_without_a_port(
    servers: list[str], allow: list[str], literals: bool
) -> None:
    assert layout.server_acl(servers) == {"allow": allow, "deny": [], "allow_ip_literals": literals}


def test_an_acl_without_servers_is_refused() -> None:
    with pytest.raises(ValueError, match="own server"):
        layout.server_acl([])


def test_only_the_named_servers_are_in() -> None:
    plans = layout.plans(PARK, "alder.example")
    assert {plan.servers for plan in plans.values()} == {("alder.example", "birch.example:8448")}


@pytest.mark.parametrize(
    ("version", "bot_listed"),
    [("10", True), ("11", True), ("12", False), ("13", False), ("org.matrix.hydra.11", False)],
)
def test_rights(version: str, bot_listed: bool) -> None:
    plans = layout.plans(PARK, "alder.example")
    for kind, plan in plans.items():
        rights = layout.power_levels(plan, BOT, version)
        assert (BOT in rights["users"]) is bot_listed
        rights["users"].pop(BOT, None)
        if kind is RoomKind.DESK:
            assert rights["users"] == {}
            assert rights["invite"] == 100
        else:  # one moderator a partner, who can invite and nothing else
            assert rights["users"] == {"@first:birch.example:8448": 50}
            assert rights["invite"] == 50
        assert min(rights[key] for key in ("state_default", "kick", "ban", "redact")) == 100
        assert rights["users_default"] == 0


def test_nobody_but_the_bot_is_named_in_a_room_name() -> None:
    for plan in layout.plans(PARK, "alder.example").values():
        assert plan.name is not None and plan.name.startswith("Riverside Park 2027")
        assert "clerk" not in repr(layout.base_state(plan))


def test_what_is_encrypted() -> None:
    plans = layout.plans(PARK, "alder.example")
    assert {kind for kind, plan in plans.items() if plan.encrypted} == {RoomKind.LOBBY, RoomKind.DESK}
    assert layout.control_plan((), "alder.example").encrypted
    assert not layout.direct_plan("@x:birch.example", "alder.example").encrypted
    encryption = layout.base_state(plans[RoomKind.DESK])["m.room.encryption", ""]
    assert encryption["rotation_period_msgs"] == 1000 and encryption["rotation_period_ms"] == 86_400_000
