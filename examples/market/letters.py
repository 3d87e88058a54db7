"""Letters to members, sent when the answer is out."""

import logging

log = logging.getLogger("examples.market")


def send_letter(to: str, text: str) -> None:
    """Stands for a service that sends mail: it writes to the log, in a worker thread as it would block."""
    log.info("a letter to %s: %s", to, text)
