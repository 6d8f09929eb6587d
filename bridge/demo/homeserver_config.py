"""What a laboratory homeserver's configuration says, and why."""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path

from bridge.demo.authority import Identity
from bridge.model import Json

_UNLIMITED = {"per_second": 1_000_000, "burst_count": 1_000_000}


def configuration(
    *,
    server_name: str,
    directory: Path,
    client_port: int,
    federation_port: int,
    tls: Identity,
    trusted: Path,
    proxy: str,
    shared_secret: str,
    registrations: tuple[Path, ...],
    room_version: str,
) -> Json:
    """homeserver.yaml as an object (Synapse, "Configuration manual")."""
    config: Json = {
        "server_name": server_name,
        "public_baseurl": f"http://127.0.0.1:{client_port}/",
        "pid_file": str(directory / "homeserver.pid"),
        "signing_key_path": str(directory / "signing.key"),
        "media_store_path": str(directory / "media"),
        "log_config": str(directory / "log.yaml"),
        "report_stats": False,
        "listeners": [
            _listener(client_port, "client", tls=False),
            _listener(federation_port, "federation", tls=True),
        ],
        "tls_certificate_path": str(tls.certificate),
        "tls_private_key_path": str(tls.key),
        "database": {"name": "sqlite3", "args": {"database": str(directory / "homeserver.db")}},
        "app_service_config_files": [str(path.resolve()) for path in registrations],
        # accounts: cheap, and only by the shared secret
        "registration_shared_secret": shared_secret,
        "enable_registration": False,
        "bcrypt_rounds": 4,
        "macaroon_secret_key": secrets.token_hex(16),
        "form_secret": secrets.token_hex(16),
        # what nobody here needs
        "presence": {"enabled": False},
        "enable_metrics": False,
        "url_preview_enabled": False,
        **_federation(trusted, proxy),
        **_limits(),
    }
    if room_version:
        config["default_room_version"] = room_version
    return config


def _listener(port: int, resource: str, *, tls: bool) -> Json:
    return {
        "port": port,
        "type": "http",
        "tls": tls,
        "bind_addresses": ["127.0.0.1"],
        "x_forwarded": False,
        "resources": [{"names": [resource], "compress": False}],
    }


def _federation(trusted: Path, proxy: str) -> Json:
    config: Json = {
        "federation_custom_ca_list": [str(trusted)],
        # the default list holds 127.0.0.0/8, and so every peer of ours
        "ip_range_blacklist": [],
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "serve_server_wellknown": False,
        # a peer that was away is tried again after seconds; by default after ten minutes to seven days
        "federation": {
            "client_timeout": "10s",
            "max_short_retry_delay": "1s",
            "max_short_retries": 2,
            "max_long_retry_delay": "2s",
            "max_long_retries": 3,
            "destination_min_retry_interval": "1s",
            "destination_max_retry_interval": "5s",
            "destination_retry_multiplier": 2,
        },
    }
    if proxy:
        config["https_proxy"] = proxy
        # else Synapse would try to reach the application service and push gateways through it
        config["no_proxy_hosts"] = ["127.0.0.1", "localhost"]
    return config


def _limits() -> Json:
    """Rate limits that no test and no story meets."""
    return {
        **{
            f"rc_{name}": _UNLIMITED
            for name in (
                "message",
                "registration",
                "registration_token_validity",
                "admin_redaction",
                "joins_per_room",
                "3pid_validation",
                "third_party_invite",
                "key_requests",
                "room_creation",
                "media_create",
                "profile",
                "user_directory",
            )
        },
        "rc_login": dict.fromkeys(("address", "account", "failed_attempts"), _UNLIMITED),
        "rc_joins": dict.fromkeys(("local", "remote"), _UNLIMITED),
        "rc_invites": dict.fromkeys(("per_room", "per_user", "per_issuer"), _UNLIMITED),
        "rc_federation": {
            "window_size": 1000,
            "sleep_limit": 1_000_000,
            "sleep_delay": 1,
            "reject_limit": 1_000_000,
            "concurrent": 100,
        },
        "federation_rr_transactions_per_room_per_second": 1000,
    }


def logging_configuration(log: Path, level: str) -> Json:
    """Synapse's log_config: one file, from `level` on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {
            "file": {"class": "logging.FileHandler", "filename": str(log), "formatter": "line"},
        },
        "root": {"level": level, "handlers": ["file"]},
    }


def signing_key(path: Path) -> None:
    """Writes the server's Ed25519 signing key, once; Synapse would need a run of its own for it."""
    if not path.exists():
        seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        path.touch(mode=0o600)
        path.write_text(f"ed25519 a_{secrets.token_hex(2)} {seed}\n")


def write_json(path: Path, content: Json) -> Path:
    """Writes `content`, readable by us alone; YAML is a superset of JSON, so Synapse reads it."""
    path.touch(mode=0o600)
    path.write_text(json.dumps(content, indent=1))
    return path
