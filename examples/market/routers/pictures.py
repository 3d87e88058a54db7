"""Pictures: uploads with limits, and downloads as files."""

from pathlib import Path
from typing import Annotated

from examples.market.dependencies import Offers, Pictures, Seller
from examples.market.models import Number
from examples.market.pictures import MAX_BYTES, SIGNATURES, suffix_of
from examples.market.problems import AlreadySold, NoSuchOffer, NoSuchPicture, NotYours, TooManyPictures
from signette import Created, File, HTTPException, Response, Router, UploadFile

router = Router(prefix="/offers/{offer}/pictures", tags=["pictures"])


@router.post("")
def add_picture(
    offer: Number,
    picture: Annotated[UploadFile, File(max_bytes=MAX_BYTES, description="PNG, JPEG or GIF, of 2 MB at most.")],
    seller: Seller,
    offers: Offers,
    pictures: Pictures,
) -> Created[int] | NoSuchOffer | NotYours | AlreadySold | TooManyPictures:
    """Add a picture and return its number. A file over the limit is rejected while it arrives."""
    mine = offers.owned(offer, seller.name)
    suffix = suffix_of(picture.file.read(8))
    if suffix is None:
        raise HTTPException(415, f"Send one of {', '.join(SIGNATURES)}")
    picture.file.seek(0)
    number = pictures.add(mine.id, suffix, picture.file)
    return Created(number, headers={"Location": f"/offers/{offer}/pictures/{number}"})


@router.get("/{picture}")
def read_picture(offer: Number, picture: Number, pictures: Pictures, response: Response) -> Path | NoSuchPicture:
    """The picture, a range of it, or a 304 if the client has it already."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    return pictures.find(offer, picture)
