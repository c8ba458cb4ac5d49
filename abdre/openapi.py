"""The API's schema, made of what each view's method says (`abdre.operations`). Loaded to write it, never to serve."""

from collections import defaultdict
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from drf_spectacular.drainage import warn
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import Direction

from abdre.errors import (
    AppError,
    ErrorJson,
    Forbidden,
    Invalid,
    Malformed,
    TooLarge,
    TooMany,
    TooSlow,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)
from abdre.operations import Operation
from abdre.shapes import JsonSchema, schema_of
from abdre.tokens import ACCESS_COOKIE, SAFE_METHODS

JSON = "application/json"
OF_A_BODY = (Malformed, TooSlow, TooLarge, UnsupportedMediaType, Invalid)
RETRY_AFTER = {"required": True, "description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
WITH_RETRY_AFTER = (429, 503)


class Schema(AutoSchema):
    """One method of one view."""

    @property
    def operation(self) -> Operation:
        described: Operation = getattr(self.view, self.method.lower()).operation
        return described

    def is_excluded(self) -> bool:
        method = getattr(self.view, self.method.lower())
        if hasattr(method, "operation"):
            return False
        warn(f"{method.__qualname__} does not say what it promises: @operation is missing")
        return True

    def get_operation_id(self) -> str:
        return self.operation.summary.lower().replace(" ", "_")

    def get_summary(self) -> str:
        return self.operation.summary

    def get_description(self) -> str:  # type: ignore[override]  # as in the class above, which differs from its own
        return self.operation.note

    def get_tags(self) -> list[str]:
        """The service's name."""
        return [type(self.view).__module__.partition("_svc")[0]]

    def _is_list_view(self, serializer: object = None) -> bool:
        return False  # pages and filters are told as parameters; the superclass would guess

    def _get_parameters(self) -> list[JsonSchema]:
        own = [
            {"name": own.name, "in": own.where, "required": own.required, "description": own.note, "schema": own.shape}
            for own in self.operation.parameters
        ]
        return [*super()._get_parameters(), *own]

    def _get_request_body(self, direction: Direction = "request") -> JsonSchema | None:
        shape = self.operation.body
        if shape is None:
            return None
        if isinstance(shape, str):
            return {"required": self.operation.body_required, "content": {shape: {}}}
        # Not the superclass' way, which takes every field of a PATCH for optional.
        reference = self.resolve_serializer(shape, direction).ref
        return {"required": self.operation.body_required, "content": {JSON: {"schema": reference}}}

    def _get_response_bodies(self, direction: Direction = "response") -> JsonSchema:
        answers = {status: self._answer(status, shape) for status, shape in self.operation.answers.items()}
        refusals: defaultdict[int, dict[str, type[AppError]]] = defaultdict(dict)
        for refusal in self._refusals():
            refusals[refusal.status][refusal.code] = refusal
        told = {**answers, **{status: self._refusal(status, by_code) for status, by_code in refusals.items()}}
        return {str(status): told[status] for status in sorted(told)}

    def _answer(self, status: int, shape: Any) -> JsonSchema:
        described = {"description": HTTPStatus(status).phrase}
        if shape is None:
            return described
        if isinstance(shape, str):
            return {**described, "content": {shape: {}}}
        return {**described, "content": {JSON: {"schema": schema_of(shape, self.registry)}}}

    def _refusals(self) -> Iterator[type[AppError]]:
        """Its own, and those that it shares with all that are like it."""
        yield from self.operation.refusals
        if self.operation.body is not None:
            yield from OF_A_BODY
        if self.view.get_authenticators():
            yield Unauthenticated  # a wrong Bearer token is refused where nobody is asked for one, too
        if getattr(self.view, "in_person", False):
            yield Forbidden  # a personal token
        if self.method not in SAFE_METHODS:
            yield Forbidden  # another site's page, or a cookie without its CSRF token
            yield TooMany  # every change is counted
        yield Unavailable

    def _refusal(self, status: int, by_code: dict[str, type[AppError]]) -> JsonSchema:
        """Where a status has one code only, a component: nearly all operations share those."""
        told: JsonSchema = {
            "description": "\n".join(f"`{code}`: {refusal.message}" for code, refusal in by_code.items()),
            "content": {JSON: {"schema": self._refusal_body([*by_code.values()])}},
        }
        if status in WITH_RETRY_AFTER:
            told["headers"] = {"Retry-After": RETRY_AFTER}
        if len(by_code) > 1:
            return told
        [name] = by_code
        shared: Any = ResolvedComponent(  # type: ignore[no-untyped-call]  # theirs has no types
            name, ResolvedComponent.RESPONSE, told, ErrorJson
        )
        self.registry.register_on_missing(shared)
        reference: JsonSchema = shared.ref
        return reference

    def _refusal_body(self, refusals: list[type[AppError]]) -> JsonSchema:
        """Codes that are told in the same shape stand together."""
        told: list[JsonSchema] = []
        for shape in dict.fromkeys(refusal.shape for refusal in refusals):
            codes = [refusal.code for refusal in refusals if refusal.shape is shape]
            code = {"properties": {"error": {"properties": {"code": {"enum": codes}}}}}
            told.append({"allOf": [schema_of(shape, self.registry), code]})
        return told[0] if len(told) == 1 else {"anyOf": told}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # it registers itself untyped
    """The token in a header, or in a cookie, which needs the CSRF token where something changes."""

    target_class = "abdre.tokens.TokenAuthentication"
    priority = 1
    name = ["bearer", "cookie", "csrf"]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[JsonSchema]:
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The access token. It wins."},
            {"type": "apiKey", "in": "cookie", "name": ACCESS_COOKIE, "description": "The access token in a browser."},
            {"type": "apiKey", "in": "header", "name": "X-CSRFToken", "description": "The `csrftoken` cookie's value."},
        ]

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[str]]]:
        by_cookie: dict[str, list[str]] = {"cookie": []}
        if auto_schema.method not in SAFE_METHODS:
            by_cookie["csrf"] = []
        return [{"bearer": []}, by_cookie]
