"""A store whose `add` looks first and writes then: of two requests at the same time with one key, both run."""

import anyio

from signette import App
from signette.policies import Idempotent
from signette.state.backend import Backend
from signette.state.memory import MemoryStore

payments: list[int] = []


class LooksFirst(MemoryStore):
    async def add(self, key: str, value: bytes, *, ttl: float | None = None) -> bool:
        if await self.get(key) is not None:
            return False
        await anyio.lowlevel.checkpoint()  # as on a network
        await self.set(key, value, ttl=ttl)
        return True


app = App(state=Backend(overrides={"idempotency": LooksFirst()}))


@app.post("/payments", status_code=201, policies=[Idempotent()])
async def pay(amount: int) -> dict[str, int]:
    payments.append(amount)
    return {"number": len(payments)}


REPORTED = {("idempotency-key", "POST /payments")}
