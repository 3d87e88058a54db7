"""Dependencies. The first five have the scope of the application."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from examples.market.catalogue import Catalogue
from examples.market.models import Member, Notice
from examples.market.passwords import Members
from examples.market.pictures import Album
from examples.market.postbox import Postbox
from examples.market.problems import InvalidToken, MissingScope
from examples.market.settings import Settings, read_settings
from examples.market.store import Store, opened
from examples.market.tokens import Tokens
from signette import Channel, Depends, Raises, Security, Topic
from signette.security import OAuth2PasswordBearer, SecurityScopes

Set = Annotated[Settings, Depends(read_settings, scope="app")]


@contextmanager
def open_store(settings: Set) -> Iterator[Store]:
    """Opened when the application starts, closed when it stops."""
    with opened(settings.folder / "market.sqlite3") as store:
        yield store


OpenStore = Annotated[Store, Depends(open_store, scope="app")]


def make_tokens(settings: Set) -> Tokens:
    return Tokens(settings.key)


def make_album(settings: Set, store: OpenStore) -> Album:
    return Album(settings.folder / "pictures", store)


SignedTokens = Annotated[Tokens, Depends(make_tokens, scope="app")]
Pictures = Annotated[Album, Depends(make_album, scope="app")]
Notices = Annotated[Channel[Notice], Topic("notices")]


async def catalogue(store: OpenStore) -> Catalogue:
    return Catalogue(store)


async def members(store: OpenStore) -> Members:
    return Members(store)


async def postbox(store: OpenStore) -> Postbox:
    return Postbox(store)


Offers = Annotated[Catalogue, Depends(catalogue)]
AllMembers = Annotated[Members, Depends(members)]

SCOPES = {"buy": "Buy what is offered", "sell": "Offer things, and change what is yours"}
bearer = OAuth2PasswordBearer(tokenUrl="token", scopes=SCOPES)


def current_member(
    token: Annotated[str, Depends(bearer)], tokens: SignedTokens, members: AllMembers, required: SecurityScopes
) -> Annotated[Member, Raises(InvalidToken, MissingScope)]:
    """The logged-in member. A guard: it runs before the body is read."""
    claims = tokens.read(token)
    if not members.known(claims.name):
        raise InvalidToken
    if not set(required.scopes).issubset(claims.scopes):
        raise MissingScope(needed=required.scopes)
    return Member(name=claims.name)


def name_of(member: Annotated[Member, Security(current_member)]) -> str:
    """Whose request it is, for policies: keys and limits of different members are apart."""
    return member.name


Somebody = Annotated[Member, Security(current_member)]
Seller = Annotated[Member, Security(current_member, scopes=["sell"])]
Buyer = Annotated[Member, Security(current_member, scopes=["buy"])]
