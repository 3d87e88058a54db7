"""Who asks, and what they may: OAuth 2 with passwords and scopes, HTTP Basic, keys."""

import secrets
from typing import Annotated

from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import BaseModel, ValidationError

from signette import App, Depends, HTTPException, Security, status
from signette.security import (
    APIKeyCookie,
    APIKeyHeader,
    APIKeyQuery,
    HTTPAuthorizationCredentials,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
    OAuth2PasswordBearer,
    OAuth2PasswordRequestForm,
    SecurityScopes,
)

KEY = "a key for show"
signer = URLSafeTimedSerializer(KEY, salt="token")
bearer = OAuth2PasswordBearer(tokenUrl="token", scopes={"me": "Read about yourself", "notes": "Read your notes"})

app = App(title="Guards")


class Member(BaseModel):
    name: str
    active: bool = True


class Kept(Member):
    password: str


class Token(BaseModel):
    access_token: str
    token_type: str


class Claims(BaseModel):
    name: str
    scopes: list[str] = []


MEMBERS = {
    "ada": Kept(name="ada", password="engine"),
    "bo": Kept(name="bo", password="secret", active=False),
}


@app.post("/token")
async def log_in(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Token:
    member = MEMBERS.get(form.username)
    if member is None or not secrets.compare_digest(member.password.encode(), form.password.encode()):
        raise HTTPException(400, detail="Name or password are not right")
    claims = Claims(name=member.name, scopes=form.scopes)
    return Token(access_token=str(signer.dumps(claims.model_dump())), token_type="bearer")


async def current(wanted: SecurityScopes, token: Annotated[str, Depends(bearer)]) -> Member:
    challenge = f'Bearer scope="{wanted.scope_str}"' if wanted.scopes else "Bearer"
    unauthorized = HTTPException(
        status_code=status.HTTP_401_UNAUTHORIZED,
        detail="The token is not good",
        headers={"WWW-Authenticate": challenge},
    )
    try:
        claims = Claims.model_validate(signer.loads(token))
    except (BadData, ValidationError):
        raise unauthorized from None
    if claims.name not in MEMBERS:
        raise unauthorized
    for scope in wanted.scopes:
        if scope not in claims.scopes:
            raise HTTPException(401, detail="Not allowed", headers={"WWW-Authenticate": challenge})
    return MEMBERS[claims.name]


async def active(member: Annotated[Member, Security(current, scopes=["me"])]) -> Member:
    if not member.active:
        raise HTTPException(400, detail="This member is asleep")
    return member


@app.get("/me")
async def me(member: Annotated[Member, Depends(active)]) -> Member:
    return member


@app.get("/notes")
async def notes(member: Annotated[Member, Security(active, scopes=["notes"])]) -> list[dict[str, str]]:
    return [{"by": member.name, "text": "Notes on the engine"}]


@app.get("/status")
async def state(member: Annotated[Member, Depends(current)]) -> dict[str, object]:
    return {"ok": True, "name": member.name}


basic = HTTPBasic(realm="office")


def clerk(sent: Annotated[HTTPBasicCredentials, Depends(basic)]) -> str:
    right = secrets.compare_digest(sent.username.encode(), b"clerk")
    if not (right and secrets.compare_digest(sent.password.encode(), b"stamp")):
        raise HTTPException(401, detail="Name or password are not right", headers={"WWW-Authenticate": "Basic"})
    return sent.username


@app.get("/office")
def office(clerk: Annotated[str, Depends(clerk)]) -> dict[str, str]:
    return {"clerk": clerk}


@app.get("/bearer")
async def any_bearer(sent: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> dict[str, str]:
    return {"scheme": sent.scheme, "credentials": sent.credentials}


@app.get("/keys")
async def keys(
    in_header: Annotated[str | None, Security(APIKeyHeader(name="X-Key", auto_error=False))],
    in_query: Annotated[str | None, Security(APIKeyQuery(name="key", auto_error=False))],
    in_cookie: Annotated[str | None, Security(APIKeyCookie(name="key", auto_error=False))],
) -> dict[str, str | None]:
    return {"header": in_header, "query": in_query, "cookie": in_cookie}


@app.get("/key")
async def key(key: Annotated[str, Security(APIKeyHeader(name="X-Key"))]) -> dict[str, str]:
    return {"key": key}
