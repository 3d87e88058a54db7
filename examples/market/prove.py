"""What `signette prove examples.market:app` needs: a member who may buy and sell."""

import json
from urllib.parse import urlencode

from signette.prove import Request, Send


async def buyer_and_seller(send: Send) -> dict[str, str]:
    """Sign up and log in: `signette prove examples.market:app --before examples.market.prove:buyer_and_seller`."""
    member = {"name": "ada", "password": "difference engine"}
    await send(Request("POST", "/members", (("Content-Type", "application/json"),), json.dumps(member).encode()))
    form = urlencode({"username": member["name"], "password": member["password"], "scope": "buy sell"})
    response = await send(
        Request("POST", "/token", (("Content-Type", "application/x-www-form-urlencoded"),), form.encode())
    )
    return {"Authorization": f"Bearer {response.json()['access_token']}"}
