"""The demo's mailbox stores every mail as a file."""

import asyncio
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from niaga.project.mailbox import Mailbox


def test_mails_are_stored_under_readable_names(tmp_path: Path) -> None:
    async def deliver() -> list[str]:
        loop = asyncio.get_running_loop()
        mailbox = Mailbox(tmp_path / "mail")
        session, server = Session(loop), SMTP(mailbox, loop=loop)
        envelope = Envelope()
        envelope.rcpt_tos = ["pembeli@niaga.localhost"]
        envelope.content = b"Subject: Pesanan ../../NG-1 diterima\r\n\r\nTerima kasih.\r\n"
        return [await mailbox.handle_DATA(server, session, envelope) for _ in range(2)]

    assert asyncio.run(deliver()) == ["250 stored", "250 stored"]
    first, second = sorted((tmp_path / "mail").iterdir())
    assert first.name.endswith("pembeli@niaga.localhost-Pesanan-..-..-NG-1-diterima.eml")
    assert second.read_bytes() == first.read_bytes()
    message = message_from_bytes(first.read_bytes(), policy=default)
    assert message["Subject"] == "Pesanan ../../NG-1 diterima"
