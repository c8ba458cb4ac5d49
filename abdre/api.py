"""Turning a JSON body or a query string into arguments."""

from typing import Any, TypedDict, cast
from uuid import UUID

from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.utils.mediatypes import media_type_matches

from abdre.errors import Invalid, Malformed
from abdre.tokens import Person

# Headers of an answer that holds a secret, or what is one person's alone.
UNCACHED = {"Cache-Control": "no-store"}


def person_of(request: Request) -> Person:
    """Who asks; views that allow nobody have made sure that there is somebody."""
    return cast(Person, request.user)


class Who(TypedDict):
    user_id: UUID
    session_id: UUID


def who_of(request: Request) -> Who:
    """Who asks, and in which session, as use cases take it."""
    person = person_of(request)
    return {"user_id": person.id, "session_id": person.session_id}


def parse(shape: type[serializers.Serializer[Any]], data: object) -> dict[str, Any]:
    """The validated values of `data`. Raises Malformed when it is no object, Invalid with the fields otherwise."""
    if not isinstance(data, dict):
        raise Malformed("The body must be a JSON object.")
    serializer = shape(data=data)
    if not serializer.is_valid():
        raise Invalid(fields={name: _texts(problems) for name, problems in serializer.errors.items()})
    return dict(serializer.validated_data)


def _texts(problems: object) -> list[str]:
    return [str(problem) for problem in problems] if isinstance(problems, list) else [str(problems)]


class StrictJSONParser(JSONParser):
    """JSON whose nesting has no end is malformed, not a fault of ours."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as problem:
            raise ParseError from problem


class PictureParser(BaseParser):
    """The bytes of an image, as they came: what they are is for whoever draws it to find out."""

    media_type = "image/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream.read()


class OneAnswer(BaseContentNegotiation):
    """What a view renders is what there is, whatever `Accept` says: an API of JSON need not refuse a browser's word."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return next((parser for parser in parsers if media_type_matches(parser.media_type, request.content_type)), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        renderer: BaseRenderer = renderers[0]
        return renderer, renderer.media_type


class StrictCharField(serializers.CharField):
    """Text kept as typed: no trimming, and a number or boolean is not text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **options})

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class StrictIntegerField(serializers.IntegerField):
    """A whole number; text, fractions and booleans are not."""

    def to_internal_value(self, data: object) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class StrictBooleanField(serializers.BooleanField):
    """true or false; no text or number that could be meant so."""

    def to_internal_value(self, data: object) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data
