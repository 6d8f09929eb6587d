"""Runs a command that ends when its parent ends: `python -m bridge.demo.tether PARENT_PID COMMAND…`.

A laboratory that is killed cannot stop its homeservers; so the kernel does (prctl(2),
PR_SET_PDEATHSIG, Linux only; elsewhere the command just runs).  The setting survives exec.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Never returns: becomes the command, or exits when the parent is gone already."""
    parent, *command = arguments
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(parent):  # it died before the line above
            sys.exit(1)
    os.execv(command[0], command)  # noqa: S606  (no shell is the point)


if __name__ == "__main__":
    main(sys.argv[1:])
