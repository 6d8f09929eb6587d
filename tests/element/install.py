"""Installs what the Element test client needs: `python -m tests.element.install`, or `ensure_installed()`.

On Linux, Node 22 itself comes as an npm package (matrix-js-sdk hangs on Node 20), so that only npm
must be on the machine.  Versions and digests are those of package-lock.json.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
_TIMEOUT = 600  # seconds for `npm ci`
_LINES = 6  # of npm's complaint; its help text follows
_OLDEST = 22  # Node's major version


class NotInstallable(Exception):
    """The machine lacks what the tests need; the message says what."""


def ensure_installed() -> Path:
    """The modules of this directory; the Node binary to use.  Raises `NotInstallable`."""
    install_modules(HERE, "the Element test client")
    return node()


def install_modules(where: Path, whose: str) -> None:
    """`npm ci` in `where` unless it was done for its lock file; `whose` they are is said when npm is missing.

    Raises `NotInstallable`.
    """
    with (where / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs may come here at once
        if _is_current(where):
            return
        npm = shutil.which("npm")
        if npm is None:
            raise NotInstallable(f"{whose} needs npm, which is not on the PATH")
        done = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"],
            cwd=where,
            timeout=_TIMEOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            told = "\n".join(done.stderr.strip().splitlines()[:_LINES])
            raise NotInstallable(f"npm ci failed in {where}:\n{told}")


def node() -> Path:
    """The Node binary that came with the packages, or the machine's own.  Raises `NotInstallable`."""
    for binary in HERE.glob("node_modules/node-*/bin/node"):
        return binary
    own = shutil.which("node")
    if own is not None:
        version = subprocess.run([own, "--version"], capture_output=True, text=True, timeout=30, check=True)
        if int(version.stdout.removeprefix("v").partition(".")[0]) >= _OLDEST:
            return Path(own)
    raise NotInstallable(
        f"the Element test client needs Node {_OLDEST}, which is not packaged for this platform"
    )


def _is_current(where: Path) -> bool:
    installed = where / "node_modules" / ".package-lock.json"
    wanted = where / "package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= wanted.stat().st_mtime


if __name__ == "__main__":
    sys.stdout.write(f"{ensure_installed()}\n")
