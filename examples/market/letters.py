"""Letters to members: a job sends each of them, in a worker process where there is one."""

import logging

from examples.market.catalogue import Catalogue
from examples.market.dependencies import catalogue, postbox
from examples.market.postbox import Postbox
from signette import Depends, Router

log = logging.getLogger("examples.market")
router = Router()


@router.job(retries=5, key=lambda sale: f"sale-{sale}")
def send_sale_letter(sale: int, offers: Catalogue = Depends(catalogue), letters: Postbox = Depends(postbox)) -> None:
    """Write to the seller. After a crash the job runs again: the postbox sends each letter once."""
    offer = offers.get(sale)
    if letters.send(sale, offer.seller, f"{offer.buyer} buys {offer.title} for {offer.price}"):
        log.info("a letter to %s", offer.seller)
