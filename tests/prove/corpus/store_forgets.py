"""A store for the keys of idempotent requests that forgets what it is given."""

from signette import App
from signette.policies import Idempotent
from signette.state.backend import Backend
from signette.state.memory import MemoryStore

payments: list[int] = []


class Forgetful(MemoryStore):
    async def add(self, key: str, value: bytes, *, ttl: float | None = None) -> bool:
        return True

    async def replace(self, key: str, expected: bytes, value: bytes, *, ttl: float | None = None) -> bool:
        return True


app = App(state=Backend(overrides={"idempotency": Forgetful()}))


@app.post("/payments", status_code=201, policies=[Idempotent()])
async def pay(amount: int) -> dict[str, int]:
    payments.append(amount)
    return {"number": len(payments)}


REPORTED = {("idempotency-key", "POST /payments")}
