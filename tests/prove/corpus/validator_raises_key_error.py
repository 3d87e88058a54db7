"""A validator of a model that raises what is not a `ValueError`: a 500."""

from typing import Any

from pydantic import BaseModel, model_validator

from signette import App

RATES = {"EUR": 1.0}


class Price(BaseModel):
    amount: float
    currency: str

    @model_validator(mode="after")
    def convert(self) -> Any:
        self.amount *= RATES[self.currency]
        return self


app = App()


@app.post("/prices")
async def convert(price: Price) -> Price:
    return price


REPORTED = {("no-server-error", "POST /prices")}
