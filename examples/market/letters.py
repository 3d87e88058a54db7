"""Letters to members, sent after the response."""

import logging

log = logging.getLogger("examples.market")


def send_letter(to: str, text: str) -> None:
    """Replace it with your mail service. It writes to the log, in a worker thread, because mail services block."""
    log.info("a letter to %s: %s", to, text)
