from typing import Annotated, Any

from signette.declarative.routing.routes import TypedRoute
from signette.declarative.security.schemes import APIKeyCookie, APIKeyHeader, HTTPBasic, HTTPBearer
from signette.declarative.signature.marker_functions import Depends, Security

BEARER = HTTPBearer()
KEY = APIKeyHeader(name="X-Key", description="Ask for one.")


def guarded(*schemes: Any, path: str = "/") -> TypedRoute:
    async def read() -> str: ...

    return TypedRoute(path, read, options={"dependencies": [Depends(scheme) for scheme in schemes]})


def test_an_open_operation_requires_no_security(document):
    made = document(guarded())
    assert "security" not in made["paths"]["/"]["get"]
    assert "components" not in made


def test_a_scheme_is_required_described_and_rejected_with_a_401(document):
    made = document(guarded(KEY))
    operation = made["paths"]["/"]["get"]
    assert operation["security"] == [{"APIKeyHeader": []}]
    assert made["components"]["securitySchemes"] == {
        "APIKeyHeader": {"type": "apiKey", "in": "header", "name": "X-Key", "description": "Ask for one."}
    }
    assert list(operation["responses"]) == ["200", "401"]
    assert "WWW-Authenticate" in operation["responses"]["401"]["headers"]
    assert "parameters" not in operation  # the scheme says where the key goes


def test_all_guards_run_so_all_are_required_together(operation):
    assert operation(guarded(KEY, BEARER))["security"] == [{"APIKeyHeader": [], "HTTPBearer": []}]


def test_scopes_that_are_asked_for_in_several_places_add_up(operation):
    def user(token: Annotated[Any, Security(BEARER, scopes=["me"])]) -> str:
        return ""

    async def read(
        me: Annotated[str, Security(user, scopes=["items"])], token: Annotated[Any, Security(BEARER, scopes=["more"])]
    ) -> str: ...

    assert operation(TypedRoute("/", read))["security"] == [{"HTTPBearer": ["items", "me", "more"]}]


def test_optional_schemes_are_alternatives_and_so_is_anonymous_access(operation):
    made = operation(guarded(HTTPBearer(auto_error=False), APIKeyCookie(name="key", auto_error=False)))
    assert made["security"] == [{"HTTPBearer": []}, {"APIKeyCookie": []}, {}]
    assert "401" not in made["responses"]


def test_a_choice_comes_on_top_of_what_is_required(operation):
    found = operation(guarded(KEY, HTTPBearer(auto_error=False)))["security"]
    assert found == [{"APIKeyHeader": [], "HTTPBearer": []}, {"APIKeyHeader": []}]


def test_schemes_that_say_the_same_are_one(document):
    made = document(guarded(HTTPBearer()), guarded(HTTPBearer(), path="/b"))
    assert list(made["components"]["securitySchemes"]) == ["HTTPBearer"]


def test_different_schemes_of_one_name_are_distinguished(document):
    made = document(
        guarded(KEY),
        guarded(APIKeyHeader(name="X-Other"), path="/b"),
        guarded(HTTPBasic(), path="/c"),
        guarded(HTTPBasic(description="Another."), path="/d"),
    )
    assert set(made["components"]["securitySchemes"]) == {
        "APIKeyHeader_X-Key", "APIKeyHeader_X-Other", "HTTPBasic_1", "HTTPBasic_2",
    }  # fmt: skip
    requested = {path: item["get"]["security"] for path, item in made["paths"].items()}
    assert requested["/"] == [{"APIKeyHeader_X-Key": []}]
    assert requested["/b"] == [{"APIKeyHeader_X-Other": []}]
