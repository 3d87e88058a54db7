"""Pictures: uploads with limits, and downloads as files."""

from pathlib import Path
from typing import Annotated

from examples.market.dependencies import Offers, Pictures, Seller
from examples.market.models import Number
from examples.market.pictures import MAX_BYTES, MEDIA_TYPES, Album
from examples.market.problems import AlreadySold, NoSuchOffer, NoSuchPicture, NotYours, TooManyPictures
from signette import Created, File, Response, Router, To, Upload
from signette.uploads import Directory, FilePart, SinkWriter

router = Router(prefix="/offers/{offer}/pictures", tags=["pictures"])


def get_album(album: Pictures) -> Album:
    return album


class AlbumFolder:
    """A sink: the folder of the album, which the settings name."""

    async def open(self, part: FilePart) -> SinkWriter:
        async with part.app.scope() as scope:
            album = await scope.call(get_album)
        return await Directory(album.folder).open(part)


Picture = Annotated[
    Upload,
    File(max_bytes=MAX_BYTES, media_types=MEDIA_TYPES, sniff=True, description="PNG, JPEG or GIF, of 2 MB at most."),
    To(AlbumFolder()),
]


@router.post("")
def add_picture(
    offer: Number,
    picture: Picture,
    seller: Seller,
    offers: Offers,
    pictures: Pictures,
) -> Created[int] | NoSuchOffer | NotYours | AlreadySold | TooManyPictures:
    """Add a picture and return its number. It is stored while it arrives, and removed if it cannot be added."""
    mine = offers.owned(offer, seller.name)
    assert picture.path is not None
    number = pictures.add(mine.id, picture.path)
    return Created(number, headers={"Location": f"/offers/{offer}/pictures/{number}"})


@router.get("/{picture}")
def read_picture(offer: Number, picture: Number, pictures: Pictures, response: Response) -> Path | NoSuchPicture:
    """The picture, a range of it, or a 304 if the client has it already."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    return pictures.find(offer, picture)
