"""What a view's method promises, told beside the code that keeps it; `abdre.openapi` makes the API's schema of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from rest_framework.serializers import Serializer

from abdre.errors import AppError

Method = TypeVar("Method", bound=Callable[..., Any])
Body = type[Serializer[Any]] | str


@dataclass(frozen=True)
class Parameter:
    """`shape` is JSON Schema."""

    name: str
    note: str
    shape: Mapping[str, Any]
    required: bool = False
    where: Literal["query", "header"] = "query"


@dataclass(frozen=True)
class Operation:
    summary: str  # in lower case with underscores it is the operation's id too
    answers: Mapping[int, Any]
    note: str
    body: Body | None
    body_required: bool
    parameters: Sequence[Parameter]
    refusals: Sequence[type[AppError]]


def operation(
    summary: str,
    answers: Mapping[int, Any],
    *,
    note: str = "",
    body: Body | None = None,
    body_required: bool = True,
    parameters: Sequence[Parameter] = (),
    refusals: Sequence[type[AppError]] = (),
) -> Callable[[Method], Method]:
    """Describe a view's method.

    `body`: what is parsed, or a file's media type as text.
    `answers`: by status, a shape of the wire, a file's media type as text, or None for no body. `refusals`: those of
    its own; what every request may meet (`abdre.openapi.Schema`) need not be named.
    """
    described = Operation(summary, answers, note, body, body_required, parameters, refusals)

    def attach(method: Method) -> Method:
        method.operation = described  # type: ignore[attr-defined]  # functions take any; abdre.openapi reads it
        return method

    return attach
