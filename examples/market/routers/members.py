"""Signing up and logging in."""

from typing import Annotated

from examples.market.dependencies import AllMembers, SignedTokens, Somebody
from examples.market.models import Member, SignUp, Token
from examples.market.problems import LoginFailed, NameTaken
from examples.market.tokens import SECONDS, Claims
from signette import Created, Depends, Ok, Router
from signette.policies import RateLimit
from signette.security import OAuth2PasswordRequestForm

router = Router(tags=["members"])


@router.post("/members", policies=[RateLimit("60/minute")])
def sign_up(new: SignUp, members: AllMembers) -> Created[Member] | NameTaken:
    """Become a member: two to twenty small letters, digits or hyphens, and a password of eight characters."""
    return Created(members.add(new.name, new.password.get_secret_value()))


@router.post("/token", policies=[RateLimit("60/minute")])
def log_in(
    form: Annotated[OAuth2PasswordRequestForm, Depends()], members: AllMembers, tokens: SignedTokens
) -> Ok[Token] | LoginFailed:
    """A token for a name and a password, with the requested scopes (`buy`, `sell`)."""
    member = members.recognise(form.username, form.password)
    granted = sorted({"buy", "sell"}.intersection(form.scopes))
    token = tokens.sign(Claims(name=member.name, scopes=granted))
    response = Token(access_token=token, expires_in=SECONDS, scope=" ".join(granted))
    return Ok(response, headers={"Cache-Control": "no-store"})


@router.get("/me")
def me(member: Somebody) -> Member:
    return member
