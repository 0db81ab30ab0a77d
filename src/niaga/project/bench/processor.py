"""Processor time of other processes, where the system tells it (Linux's /proc)."""

import os
from collections import defaultdict
from pathlib import Path

PROC = Path("/proc")


class Meter:
    """Reads the processor time of process trees: the roots, and all their descendants."""

    def __init__(self, *roots: int) -> None:
        self._roots = roots

    def seconds(self) -> float | None:
        """Return the time used until now, in seconds; None where it cannot be known."""
        if not (PROC / "self/stat").exists():
            return None
        children: dict[int, list[int]] = defaultdict(list)
        used: dict[int, int] = {}
        for entry in PROC.iterdir():
            if entry.name.isdigit() and (fields := _fields(entry)):
                pid = int(entry.name)
                children[int(fields[1])].append(pid)
                # utime and stime, and those of children that ended.
                used[pid] = sum(map(int, fields[11:15]))
        ticks, waiting = 0, list(self._roots)
        while waiting:
            pid = waiting.pop()
            ticks += used.get(pid, 0)
            waiting += children[pid]
        return ticks / os.sysconf("SC_CLK_TCK")


def _fields(entry: Path) -> list[str] | None:
    try:
        text = (entry / "stat").read_text()
    except OSError:  # it ended meanwhile
        return None
    return text.rpartition(")")[2].split()
