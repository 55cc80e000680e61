"""Settings of one installation, read once from the environment and then handed around.

Nothing else reads environment variables. Secrets live in files under ``var``, never in metadata.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kith_platform.errors import Misconfigured

KEY_FILE = "secret.key"
_SECRET_BYTES = 32
_SCHEMES = ("sqlite:///", "postgresql://")


@dataclass(frozen=True)
class Settings:
    """Where one installation keeps its data and how it is served.

    ``apps`` is the folder of app sources, or None for the apps that come with Kith; ``custom`` is the folder of the
    customer's layer, or None when there is none. ``proxies`` counts the trusted proxies in front of the server, whose
    ``X-Forwarded-`` headers are believed.
    """

    database_url: str
    host: str = "127.0.0.1"
    port: int = 8000
    apps: Path | None = None
    custom: Path | None = None
    var: Path = Path("var")
    workers: int = 1
    proxies: int = 0

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Read the ``KITH_`` variables of a mapping; unset or empty ones take their defaults.

        Raises Misconfigured and names the variable. Example::

            Settings.from_environment({"KITH_PORT": "8080"}).port == 8080
        """
        var = Path(environ.get("KITH_VAR") or "var").absolute()
        return cls(
            database_url=_database_url(environ.get("KITH_DATABASE_URL") or f"sqlite:///{var / 'kith.db'}"),
            host=environ.get("KITH_HOST") or "127.0.0.1",
            port=_whole(environ, "KITH_PORT", 8000, 65535),
            apps=_folder(environ, "KITH_APPS"),
            custom=_folder(environ, "KITH_CUSTOM"),
            var=var,
            workers=_whole(environ, "KITH_WORKERS", max(1, min(8, os.cpu_count() or 1)), 256),
            proxies=_whole(environ, "KITH_PROXIES", 0, 8, lowest=0),
        )

    @property
    def files(self) -> Path:
        """The folder of stored files."""
        return self.var / "files"

    @cached_property
    def secret_key(self) -> bytes:
        """The installation's secret of 32 bytes, made on first use in ``<var>/secret.key`` with mode 0600.

        Several processes that start together all get the one that was written first.
        """
        self.var.mkdir(parents=True, exist_ok=True)
        path = self.var / KEY_FILE
        if not path.exists():
            _write_secret(path)
        return _read_secret(path)


def _write_secret(path: Path) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(_SECRET_BYTES).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        # link refuses an existing target, so the first process wins and no reader ever sees half a key.
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink(missing_ok=True)


def _read_secret(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise Misconfigured(
            "secret_key_open", f"Other users of this machine can read {path}.", f"Run: chmod 600 {path}"
        )
    try:
        secret = bytes.fromhex(path.read_text("ascii").strip())
    except ValueError:
        secret = b""
    if len(secret) != _SECRET_BYTES:
        raise Misconfigured(
            "secret_key_broken",
            f"{path} does not hold a key of {_SECRET_BYTES} bytes.",
            "Restore it from a backup, or delete it; then everyone signs in again.",
        )
    return secret


def _database_url(url: str) -> str:
    if not url.startswith(_SCHEMES):
        scheme = url.split(":", 1)[0]
        raise Misconfigured(
            "database_url",
            f"KITH_DATABASE_URL starts with {scheme!r}, which Kith cannot use.",
            "Write sqlite:///path/to/kith.db or postgresql://user:password@host/name.",
        )
    return url


def _whole(environ: Mapping[str, str], name: str, default: int, highest: int, lowest: int = 1) -> int:
    text = environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and lowest <= int(text) <= highest):
        raise Misconfigured("setting", f"{name} is {text!r}.", f"Write a whole number from {lowest} to {highest}.")
    return int(text)


def _folder(environ: Mapping[str, str], name: str) -> Path | None:
    text = environ.get(name)
    if not text:
        return None
    folder = Path(text).absolute()
    if not folder.is_dir():
        raise Misconfigured("setting", f"{name} names {folder}, which is not a folder.", "Create it or unset it.")
    return folder
