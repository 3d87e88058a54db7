"""Pairs of applications that differ in what only plans know: policies, limits, WebSockets, webhooks, security.

The verdicts are written from first principles: does a client that follows the old contract still get what it was
promised? What a comparison cannot decide, such as the meaning of a policy's arguments, is a note.
"""

from datetime import date
from typing import Any, NamedTuple

import pytest

from signette import App
from signette.contract.application import contract_of
from signette.contract.diff.compare import compare
from signette.contract.model import Contract

TODAY = date(2026, 6, 1)
B, C, N = "breaking", "compatible", "note"

# What the signatures of the table use.
NAMESPACE: dict[str, Any] = {}
exec(
    """
from typing import Annotated, Literal
from pydantic import BaseModel
from signette import *
from signette.policies import *
from signette.security import *
from signette.sockets import SocketOptions

class Item(BaseModel):
    name: str

class Priced(BaseModel):
    name: str
    price: int

class Wide(BaseModel):
    name: str | int

class Say(BaseModel):
    text: str

class Leave(BaseModel):
    leave: bool

async def user(x_user: Annotated[str, Header()]) -> str: ...

bearer, key = HTTPBearer(), APIKeyHeader(name="X-Key")
other_key = APIKeyHeader(name="X-Other")
optional = APIKeyQuery(name="key", auto_error=False)
oauth = OAuth2PasswordBearer(tokenUrl="token", scopes={"read": "", "write": ""})
callbacks = Router()
@callbacks.post("{$request.body#/name}")
async def paid(item: Item) -> None: ...
""",
    NAMESPACE,
)


class Row(NamedTuple):
    title: str
    before: str
    after: str
    verdicts: dict[str, str]


def endpoint(method: str, signature: str = "", result: str = "str", **options: Any) -> str:
    more = "".join(f", {name}={value}" for name, value in options.items())
    return f"@app.{method}('/items'{more})\nasync def items({signature}) -> {result}: ..."


def get(signature: str = "", result: str = "str", **options: Any) -> str:
    return endpoint("get", signature, result, **options)


def post(signature: str = "", result: str = "str", **options: Any) -> str:
    return endpoint("post", signature, result, **options)


def socket(types: str, options: str = "", signature: str = "", **more: Any) -> str:
    declared = f"Annotated[Socket[{types}], SocketOptions({options})]" if options else f"Socket[{types}]"
    return endpoint("websocket", f"socket: {declared}{signature}", "None", **more)


def hook(body: str, result: str = "None", **options: Any) -> str:
    return endpoint("webhooks.post", f"item: {body}", result, **options)


def secured(dependency: str, scopes: str = "") -> str:
    return get(dependencies=f"[Security({dependency}, scopes=[{scopes}])]")


def mounted(dependencies: str) -> str:
    return f"""\
inner, router = App(), Router({dependencies})
@inner.get('/items')
async def items() -> str: ...
router.mount('/shop', inner)
app.include_router(router)
"""


FILE = "file: Annotated[UploadFile, File({})]"
ROWS = [
    # policies
    Row("a deadline is new", get(), get(policies="[Deadline(2)]"), {"policy-added": N, "server-error-added": N}),
    Row("a deadline is shorter", get(policies="[Deadline(2)]"), get(policies="[Deadline(1)]"), {"policy-changed": N}),
    Row("a deadline is gone", get(policies="[Deadline(2)]"), get(), {"policy-removed": N, "error-status-removed": C}),
    Row("a rate limit has a second window", get(policies="[RateLimit('10/second')]"),
        get(policies="[RateLimit('10/second; 100/minute')]"), {"rate-limit-lowered": B}),
    Row("a rate limit is written in other words", get(policies="[RateLimit('60/minute')]"),
        get(policies="[RateLimit('60/1 minutes', name='shop')]"), {}),
    Row("a request counts twice", get(policies="[RateLimit('10/second')]"),
        get(policies="[RateLimit('10/second', cost=2)]"), {"rate-limit-lowered": B}),
    Row("a lease of idempotency is longer", post(policies="[Idempotent(by=None, lease=1)]"),
        post(policies="[Idempotent(by=None, lease=60)]"), {}),
    Row("responses are repeated for a shorter time", post(policies="[Idempotent(by=None, ttl=3600)]"),
        post(policies="[Idempotent(by=None, ttl=60)]"), {"policy-changed": N}),
    Row("tags of a cache change", get(policies="[Cached(10)]"), get(policies="[Cached(10, tags=['items'])]"), {}),
    Row("responses of a cache are older", get(policies="[Cached(10)]"), get(policies="[Cached(60)]"),
        {"policy-changed": N}),
    Row("an executor is another one", "@app.get('/items')\ndef items() -> str: ...",
        "@app.get('/items', executor=Thread(limit=2))\ndef items() -> str: ...", {}),
    # limits
    Row("JSON may be smaller", post("item: Item"), "app.limits = Limits(json_bytes=9)\n" + post("item: Item"),
        {"limit-lowered": B}),
    Row("paths may be longer", get(), "app.limits = Limits(path_bytes=None)\n" + get(), {"limit-raised": C}),
    Row("threads are fewer", get(), "app.limits = Limits(worker_threads=1)\n" + get(), {}),
    Row("a form may have fewer fields", post("name: Annotated[str, Form()]"),
        post("name: Annotated[str, Form()]", form_limits={"max_fields": 3}), {"limit-lowered": B}),
    Row("files may be smaller", post(FILE.format("max_bytes=9")), post(FILE.format("max_bytes=5")),
        {"limit-lowered": B, "input-limit-tightened": B}),
    Row("the contents of files are checked", post(FILE.format("media_types=['image/png']")),
        post(FILE.format("media_types=['image/png'], sniff=True")), {"file-contents-checked": B}),
    Row("pages may have fewer items", get("page: Annotated[Page.Offset, Page.Limit(10, maximum=100)]", "Page[Item]"),
        get("page: Annotated[Page.Offset, Page.Limit(10, maximum=50)]", "Page[Item]"),
        {"limit-lowered": B, "input-limit-tightened": B}),
    Row("a stream may have fewer items", post("rows: Stream[Item]"),
        post("rows: Annotated[Stream[Item], Items(max_items=5)]"), {"limit-lowered": B, "input-limit-tightened": B}),
    Row("compressed bodies are no longer decoded", post("item: Item", request_encodings=["gzip"]), post("item: Item"),
        {"body-coding-removed": B, "input-ignored": N, "response-header-removed": N}),
    Row("JSON needs a content type", post("item: Item", strict_content_type=False), post("item: Item"),
        {"body-content-type-required": B}),
    Row("a precondition is required", post("cond: Conditional"), post("cond: RequiredConditional"),
        {"precondition-required": B, "error-status-added": B}),
    # WebSockets
    Row("a WebSocket takes another message", socket("Say, Item"), socket("Say | Leave, Item"),
        {"received-message-added": C}),
    Row("a WebSocket takes a message no longer", socket("Say | Leave, Item"), socket("Say, Item"),
        {"received-message-removed": B}),
    Row("a WebSocket sends another message", socket("Say, Item"), socket("Say, Item | Leave"),
        {"sent-message-added": B}),
    Row("a message to clients has another member", socket("Say, Item"), socket("Say, Priced"),
        {"output-property-added": C}),
    Row("messages may be smaller", socket("Say, Item"), socket("Say, Item", "max_message_bytes=9"),
        {"limit-lowered": B}),
    Row("a subprotocol is required", socket("Say, Item"), socket("Say, Item", "subprotocol='shop'"),
        {"subprotocol-required": B}),
    Row("the handshake needs a value", socket("Say, Item"), socket("Say, Item", signature=", room: int"),
        {"input-added-required": B}),
    Row("the handshake needs credentials", socket("Say, Item"), socket("Say, Item", dependencies="[Depends(key)]"),
        {"security-added": B}),
    Row("silent clients are disconnected", socket("Say, Item"), socket("Say, Item", "idle_timeout=5"),
        {"socket-option-changed": N}),
    Row("a WebSocket has a rate limit", socket("Say, Item"), socket("Say, Item", policies="[RateLimit('1/second')]"),
        {"rate-limit-added": B}),
    # webhooks: the application sends the body
    Row("a webhook is new", "", hook("Item"), {"webhook-added": C}),
    Row("a webhook is gone", hook("Item"), "", {"webhook-removed": B}),
    Row("the body of a webhook has another member", hook("Item"), hook("Priced"), {"output-property-added": C}),
    Row("the body of a webhook has a member no longer", hook("Priced"), hook("Item"),
        {"output-required-property-removed": B}),
    Row("a member of a webhook may be of another type", hook("Item"), hook("Wide"), {"output-type-added": B}),
    Row("a callback is gone", post("item: Item", callbacks="callbacks.routes"), post("item: Item"),
        {"webhook-removed": B}),
    # security
    Row("a scope is required", secured("oauth"), secured("oauth", "'read'"), {"scope-added": B}),
    Row("a scope is no longer required", secured("oauth", "'read', 'write'"), secured("oauth", "'read'"),
        {"scope-removed": C}),
    Row("a key is sent in another header", secured("key"), secured("other_key"), {"security-scheme-changed": B}),
    Row("credentials are optional", secured("bearer"), secured("optional"),
        {"security-removed": C, "security-alternative-added": C, "error-status-removed": C}),
    Row("a mounted application needs credentials", mounted(""), mounted("dependencies=[Depends(key)]"),
        {"security-added": B, "request-error-added": C}),
]  # fmt: skip


def application(source: str) -> Contract:
    app = App(title="Shop")
    exec(source, {**NAMESPACE, "app": app})
    return contract_of(app)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_a_change_of_a_fact(row: Row) -> None:
    found = compare(application(row.before), application(row.after), today=TODAY)
    assert {each.rule: each.verdict for each in found} == row.verdicts


def test_a_pair_has_no_changes_against_itself() -> None:
    for row in ROWS[::5]:
        assert compare(application(row.after), application(row.after), today=TODAY) == []
