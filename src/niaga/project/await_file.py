"""Run a program once a file is there: `python -m niaga.project.await_file FILE PROGRAM ...`."""

import os
import sys
import time
from pathlib import Path

TICK_S = 0.1


def main() -> None:
    """Wait for the file, then become the program of the command line."""
    while not Path(sys.argv[1]).exists():
        time.sleep(TICK_S)
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - our own supervisor names the program


if __name__ == "__main__":
    main()
