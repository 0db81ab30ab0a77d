"""The demo's mail server: takes every mail and stores it as a file, so that it can be read.

`python -m niaga.project.mailbox PORT FOLDER`
"""

import asyncio
import re
import signal
import sys
from email import message_from_bytes
from email.policy import default
from itertools import count
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from niaga.kernel.clock import now

_numbers = count(1)


class Mailbox:
    """Stores mails in `folder`, one `.eml` file each; the newest sorts last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)  # the demo names it before a mail is there

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Store one mail (aiosmtpd's hook)."""
        assert isinstance(envelope.content, bytes)
        subject = str(message_from_bytes(envelope.content, policy=default)["Subject"] or "")
        words = re.sub(r"[^\w@.]+", "-", f"{' '.join(envelope.rcpt_tos)} {subject}").strip("-")
        name = f"{now():%Y%m%d-%H%M%S}-{next(_numbers):04}-{words[:80]}.eml"
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{name}.part"
        draft.write_bytes(envelope.content)
        draft.replace(self._folder / name)
        return "250 stored"


async def serve(port: int, folder: Path) -> None:
    """Take mails on 127.0.0.1 until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    mailbox = Mailbox(folder)
    server = await loop.create_server(
        lambda: SMTP(mailbox, hostname="niaga.localhost", enable_SMTPUTF8=True, loop=loop),
        host="127.0.0.1",
        port=port,
    )
    async with server:
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
