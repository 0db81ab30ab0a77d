"""PostgreSQL refuses to run as root; then it runs as a system user of its own."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from niaga.project.problem import Problem

NAME = "niaga-db"


@dataclass(frozen=True, slots=True)
class SystemUser:
    """The user that the embedded server runs as."""

    uid: int
    gid: int

    def as_user(self) -> dict[str, Any]:
        """Return the arguments that make `subprocess.run` run as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def let_through(self, path: Path) -> None:
        """Let this user walk through the folders above `path` (walk through, not list them)."""
        for folder in path.parents:
            mode = folder.stat().st_mode
            if not mode & stat.S_IXOTH:
                folder.chmod(mode | stat.S_IXOTH)


def server_user(programs: Path) -> SystemUser | None:
    """Return the user that must run the server's `programs`; None when we are not root.

    The user is made if need be.

    Raises:
        Problem: the user is missing and can't be made.
    """
    if os.geteuid() != 0:
        return None
    user = _find() or _make()
    user.let_through(programs)
    _make_readable(programs.parent)
    return user


def _find() -> SystemUser | None:
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        return None
    return SystemUser(uid=entry.pw_uid, gid=entry.pw_gid)


def _make() -> SystemUser:
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    told = "there is no `useradd`"
    if useradd:
        done = subprocess.run(  # noqa: S603 - a fixed command
            [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
             "--shell", "/usr/sbin/nologin", NAME],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        told = done.stderr.strip()
    if user := _find():
        return user
    raise Problem(
        f"PostgreSQL does not run as root, and the user {NAME} could not be made: {told}",
        "Run as another user than root, make that user, or set DATABASE_URL.",
    )


def _make_readable(folder: Path) -> None:
    """Undo a strict umask of the installation: everyone may read the server's programs."""
    if folder.stat().st_mode & stat.S_IXOTH and (folder / "bin").stat().st_mode & stat.S_IXOTH:
        return
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        executable = path.is_dir() or mode & stat.S_IXUSR
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if executable else 0))
