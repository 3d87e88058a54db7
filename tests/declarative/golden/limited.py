"""An endpoint with policies: one of the application, one that shares a dependency, one that cannot apply."""

from typing import Annotated

from pydantic import BaseModel

from signette import App, Depends
from signette.policies import Cached, Deadline, RateLimit, RateLimitState
from signette.security import APIKeyHeader

app = App(policies=[Deadline(10), Cached(60)])
api_key = APIKeyHeader(name="X-API-Key")


class Order(BaseModel):
    sku: str


@app.post("/orders", policies=[RateLimit("100/minute", by=api_key)])
async def create(order: Order, key: Annotated[str, Depends(api_key)], limit: RateLimitState) -> Order:
    return order
