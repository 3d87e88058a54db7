"""The letters that were sent. Replace it with your mail service."""

from examples.market.store import Store

# One statement, so that of two jobs for the same sale one alone sends the letter.
SEND = """
INSERT INTO letters (sale, recipient, text)
SELECT :sale, :recipient, :text WHERE NOT EXISTS (SELECT 1 FROM letters WHERE sale = :sale)
"""


class Postbox:
    """Sends each letter once. A mail service does so by an idempotency key, too."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def send(self, sale: int, recipient: str, text: str) -> bool:
        """Send the letter for a sale. Returns whether it was sent now, and not before."""
        with self._store.transaction() as connection:
            sent = connection.execute(SEND, {"sale": sale, "recipient": recipient, "text": text})
        return sent.rowcount > 0
