"""What a view says of itself becomes OpenAPI: shapes of the wire are components, a silent view is a doubt."""

from typing import Annotated, NotRequired, TypedDict

import pytest
from django.db.models import TextChoices
from django.urls import path
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.plumbing import ComponentRegistry
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from abdre.errors import Conflict, ErrorJson
from abdre.operations import operation
from abdre.shapes import schema_of
from abdre.wire import Id, Items, Moment


class Colour(TextChoices):
    RED = "red"
    BLUE = "blue"


class Wheel(TypedDict):
    radius: int


class CarJson(TypedDict):
    """What drives."""

    id: Id
    sold_at: Moment | None
    colour: Annotated[str, Colour]
    wheels: list[Wheel]
    spare: Wheel | None
    extras: dict[str, bool]
    owner: NotRequired[str]


def test_a_shape_of_the_wire_is_a_component_with_its_fields_as_they_are() -> None:
    components = ComponentRegistry()

    told = schema_of(Items[CarJson], components)

    wheel = {"$ref": "#/components/schemas/Wheel"}
    assert told["properties"] == {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Car"}}}
    car = components["Car", "schemas"].schema
    assert car["description"] == "What drives."
    assert car["properties"] == {
        "id": {"type": "string", "format": "uuid"},
        "sold_at": {"type": ["string", "null"], "format": "date-time"},
        "colour": {"type": "string", "enum": ["red", "blue"]},
        "wheels": {"type": "array", "items": wheel},
        "spare": {"anyOf": [wheel, {"type": "null"}]},
        "extras": {"type": "object", "additionalProperties": {"type": "boolean"}},
        "owner": {"type": "string"},
    }
    assert set(car["properties"]) - set(car["required"]) == {"owner"}


class WayOnJson(ErrorJson):
    way_on: str


class Blocked(Conflict):
    code, shape = "blocked", WayOnJson


class Refusing(APIView):
    @operation("Try", {204: None}, refusals=[Conflict, Blocked])
    def get(self, request: Request) -> Response:
        return Response(status=204)


def test_a_refusal_with_a_way_on_is_told_in_its_own_shape() -> None:
    schema = SchemaGenerator(patterns=[path("api/x", Refusing.as_view())]).get_schema(public=True)

    told = schema["paths"]["/api/x"]["get"]["responses"]["409"]["content"]["application/json"]["schema"]["anyOf"]
    shapes = {one["allOf"][0]["$ref"].rpartition("/")[2]: one["allOf"][1] for one in told}
    codes = {name: one["properties"]["error"]["properties"]["code"]["enum"] for name, one in shapes.items()}
    assert codes == {"Error": ["conflict"], "WayOn": ["blocked"]}


class Told(APIView):
    @operation("Look", {204: None})
    def get(self, request: Request) -> Response:
        return Response(status=204)


class Untold(APIView):
    def get(self, request: Request) -> Response:
        return Response(status=204)


@pytest.mark.parametrize(("view", "doubts"), [(Told, False), (Untold, True)])
def test_a_view_that_promises_nothing_is_a_doubt_that_fails_the_check(view: type[APIView], doubts: bool) -> None:
    SchemaGenerator(patterns=[path("api/x", view.as_view())]).get_schema(public=True)

    assert bool(GENERATOR_STATS) is doubts
