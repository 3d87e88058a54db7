"""Airports by code, by search and by distance; the countries; units and language."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.airports.geometry import EARTH_RADIUS_KM, distance_km, unit_vector
from examples.airports.languages import Language, preferred
from signette.testclient import TestClient


@pytest.mark.parametrize("code", ["EDDF", "eddf", "FRA", "fra"])
def test_an_airport_is_found_by_either_code_in_any_case(client: TestClient, code: str) -> None:
    response = client.get(f"/airports/{code}")
    assert response.status_code == 200
    assert response.json() == {
        "icao": "EDDF",
        "iata": "FRA",
        "name": "Frankfurt am Main Airport",
        "city": "Frankfurt",
        "region": "Hesse",
        "country": "DE",
        "latitude": 50.0264,
        "longitude": 8.54313,
        "elevation": {"value": 111.0, "unit": "m"},
        "timezone": "Europe/Berlin",
    }


def test_an_airport_that_the_client_has_is_not_sent_again(client: TestClient) -> None:
    tag = client.get("/airports/FRA").headers["etag"]
    again = client.get("/airports/EDDF", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get("/airports/EDDM", headers={"If-None-Match": tag}).status_code == 200


def test_an_unknown_code_is_a_typed_problem(client: TestClient) -> None:
    response = client.get("/airports/XXXX")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "type": "urn:problem-type:airport-not-found",
        "title": "Airport not found",
        "status": 404,
        "detail": "No airport has the code XXXX",
        "code": "XXXX",
    }


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("country=de", ["EDDF", "EDDM", "EDFE"]),
        ("country=DE&name=frankfurt", ["EDDF", "EDFE"]),
        ("name=REYKJAVIK", ["BIRK"]),
        ("name=airport hesse main", ["EDDF"]),
        ("south=49&west=2&north=50&east=9", ["EDFE", "LFPG"]),
        ("south=-20&west=177&north=-15&east=-169", ["NFFN", "NIUE"]),
        ("south=-20&west=-180&north=-15&east=180", ["NFFN", "NIUE"]),
        ("max_elevation_m=0", ["LLMZ"]),
        ("min_elevation_m=400&max_elevation_m=500", ["EDDM"]),
        ("has_iata=false", ["EDFE"]),
        ("country=FR&name=frankfurt", []),
        ("name=%25_", []),
    ],
)
def test_a_search_finds_what_matches_all_criteria(client: TestClient, query: str, codes: list[str]) -> None:
    page = client.get(f"/airports?{query}").json()
    assert [airport["icao"] for airport in page["items"]] == codes
    assert page["total"] == len(codes)


def test_a_search_is_sorted_either_way(client: TestClient) -> None:
    up = client.get("/airports?sort=elevation").json()["items"]
    down = client.get("/airports?sort=elevation&descending=true").json()["items"]
    assert [up[0]["icao"], up[-1]["icao"]] == ["LLMZ", "ZUDC"]
    assert down == up[::-1]


def test_pages_together_are_the_whole_and_the_one_after_the_last_is_empty(client: TestClient) -> None:
    pages = [client.get(f"/airports?page_size=4&page={number}").json() for number in (1, 2, 3, 4)]
    assert [len(page["items"]) for page in pages] == [4, 4, 2, 0]
    assert {page["pages"] for page in pages} == {3}
    codes = [airport["icao"] for page in pages for airport in page["items"]]
    assert codes == sorted(set(codes))


def test_the_nearest_come_first_with_their_distances(client: TestClient) -> None:
    found = client.get("/nearest?latitude=50.0264&longitude=8.54313&limit=3").json()
    assert [each["airport"]["icao"] for each in found] == ["EDDF", "EDFE", "EDDM"]
    assert [each["distance"] for each in found] == [
        {"value": 0.0, "unit": "km"},
        {"value": 10.3, "unit": "km"},
        {"value": 300.2, "unit": "km"},
    ]


def test_the_nearest_may_lie_beyond_the_date_line(client: TestClient) -> None:
    found = client.get("/nearest?latitude=-18&longitude=-179.9&limit=1").json()
    assert found[0]["airport"]["icao"] == "NFFN"


def test_what_is_too_far_is_left_out(client: TestClient) -> None:
    found = client.get("/nearest?latitude=50.0264&longitude=8.54313&limit=10&within_km=20").json()
    assert [each["airport"]["icao"] for each in found] == ["EDDF", "EDFE"]


def test_the_countries_are_listed_with_their_highest_airport(client: TestClient) -> None:
    countries = {each["country"]: each for each in client.get("/countries").json()}
    assert countries["DE"] == {"country": "DE", "airports": 3, "highest": "EDDM"}
    assert sum(each["airports"] for each in countries.values()) == 10


def test_units_once_chosen_are_kept_in_a_cookie(client: TestClient) -> None:
    response = client.put("/units/imperial")
    assert response.status_code == 204
    assert response.headers["set-cookie"] == "units=imperial; Max-Age=31536000; Path=/; SameSite=lax"
    assert client.get("/airports/JFK").json()["elevation"] == {"value": 13.0, "unit": "ft"}
    near = client.get("/nearest?latitude=40.6399&longitude=-74&limit=1").json()[0]
    assert near["distance"] == {"value": 11.6, "unit": "mi"}


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("", "Bar Yehuda Airfield (LLMZ / MTZ) lies in Masada, IL, 378 m below sea level."),
        ("de-AT,fr;q=0.5", "Bar Yehuda Airfield (LLMZ / MTZ) liegt in Masada, IL, 378 m unter dem Meeresspiegel."),
        (
            "ja, en;q=0.1, fr;q=0.9",
            "Bar Yehuda Airfield (LLMZ / MTZ) se trouve à Masada, IL, à 378 m au-dessous du niveau de la mer.",
        ),
    ],
)
def test_the_summary_is_in_the_clients_language(client: TestClient, wanted: str, sentence: str) -> None:
    response = client.get("/airports/LLMZ/summary", headers={"Accept-Language": wanted})
    assert response.text == sentence
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["content-language"] == sentence_language(sentence)
    assert response.headers["vary"] == "Accept-Language, Cookie"


def sentence_language(sentence: str) -> str:
    return next(language for word, language in (("lies", "en"), ("liegt", "de"), ("trouve", "fr")) if word in sentence)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("*", Language.EN),
        ("de;q=0", Language.EN),
        ("de;q=0, fr", Language.FR),
        ("DE", Language.DE),
        ("de;q=one, fr;q=0.001", Language.FR),
        ("fr;q=0.5, de;q=0.5", Language.FR),
        ("de;q=nan, fr;q=inf", Language.EN),
    ],
)
def test_a_language_is_chosen_by_weight_then_by_place(header: str, language: Language) -> None:
    assert preferred(header) is language


@given(st.text(alphabet="defrn;q=0.1,-* ") | st.text())
def test_any_header_gives_a_language(header: str) -> None:
    assert preferred(header) in Language


latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)


@given(latitudes, longitudes, latitudes, longitudes, latitudes, longitudes)
def test_distances_are_those_of_a_sphere(a: float, b: float, c: float, d: float, e: float, f: float) -> None:
    points = [unit_vector(a, b), unit_vector(c, d), unit_vector(e, f)]
    one, two, direct = (distance_km(points[i], points[j]) for i, j in ((0, 1), (1, 2), (0, 2)))
    assert 0 <= direct <= EARTH_RADIUS_KM * 3.1416
    assert direct <= one + two + 0.001
    assert distance_km(points[1], points[0]) == one


@given(latitudes, longitudes, st.lists(st.tuples(latitudes, longitudes), min_size=2, max_size=5))
def test_the_product_of_vectors_sorts_by_distance(lat: float, lon: float, others: list[tuple[float, float]]) -> None:
    here = unit_vector(lat, lon)
    ranked = sorted(
        (unit_vector(*each) for each in others),
        key=lambda point: -sum(x * y for x, y in zip(here, point, strict=True)),
    )
    # Near the antipode the product hardly changes with the distance: there, rounding decides within a kilometre.
    assert all(distance_km(here, near) <= distance_km(here, far) + 1 for near, far in pairwise(ranked))


def test_the_home_page_leads_to_the_documentation(client: TestClient) -> None:
    response = client.get("/", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (307, "docs")
