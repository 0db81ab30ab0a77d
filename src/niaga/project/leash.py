"""Run a program that ends when its parent does: `python -m niaga.project.leash PROGRAM ...`.

A supervisor killed by `kill -9` can't stop its children; Linux does it for us. Elsewhere this is a
plain exec.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask for SIGTERM on the parent's death, then become the program of the command line."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - our own supervisor names the program


if __name__ == "__main__":
    main()
