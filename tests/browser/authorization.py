"""A small authorization server: the authorization code flow with PKCE, for public clients."""

import base64
import hashlib
import secrets
from typing import Annotated, Any
from urllib.parse import urlencode

from signette import App, Form, HTTPException, Query, Request
from signette.middleware import Middleware
from signette.middleware.cors import CORSMiddleware
from signette.responses import RedirectResponse

app = App(
    title="Authorization server",
    middleware=[Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["POST"], allow_headers=["*"])],
    docs=None,
)
ENDPOINTS = {"authorization_endpoint": "authorize", "token_endpoint": "token"}
# What each code was issued for. `answer` changes what the server does.
codes: dict[str, dict[str, str]] = {}
answer: dict[str, Any] = {}
# It cuts off `window.opener`, as servers of others do.
HEADERS = {"Cross-Origin-Opener-Policy": "same-origin"}


@app.get("/authorize")
async def authorize(
    response_type: Annotated[str, Query()],
    client_id: str,
    redirect_uri: str,
    state: str,
    code_challenge: str,
    code_challenge_method: str,
    scope: str = "",
) -> RedirectResponse:
    """Redirect with a code, as if somebody had logged in and agreed."""
    assert (response_type, code_challenge_method) == ("code", "S256")
    assert len(state) >= 22
    code = secrets.token_urlsafe()
    codes[code] = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "challenge": code_challenge,
        "scope": scope,
    }
    query = {"code": code, "state": state} | answer
    return RedirectResponse(f"{redirect_uri}?{urlencode(query)}", 302, headers=HEADERS)


@app.get("/.well-known/openid-configuration")
async def discovery(request: Request) -> dict[str, str]:
    """Where the endpoints are (OpenID Connect Discovery 1.0 §3)."""
    return {name: f"{request.base_url}{path}" for name, path in ENDPOINTS.items()}


@app.post("/token")
async def token(
    grant_type: Annotated[str, Form()],
    code: Annotated[str, Form()],
    redirect_uri: Annotated[str, Form()],
    client_id: Annotated[str, Form()],
    code_verifier: Annotated[str, Form(min_length=43, max_length=128)],
) -> dict[str, str]:
    """Exchange a code for a token, once (RFC 7636 §4.6)."""
    issued = codes.pop(code, None)
    digest = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
    if issued is None or issued["challenge"] != digest or issued["redirect_uri"] != redirect_uri:
        raise HTTPException(400, "The code is not valid")
    if (grant_type, client_id) != ("authorization_code", issued["client_id"]):
        raise HTTPException(400, "The code belongs to another client")
    return {"access_token": f"{client_id}:{issued['scope']}", "token_type": "bearer"}
