"""A query parameter that the OpenAPI document requires, and nothing reads."""

from signette import App

app = App()
TENANT = {"name": "tenant", "in": "query", "required": True, "schema": {"type": "string"}}


@app.get("/users", openapi_extra={"parameters": [TENANT]})
async def users() -> list[str]:
    return ["ada"]


REPORTED = {("required-parameters", "GET /users")}
