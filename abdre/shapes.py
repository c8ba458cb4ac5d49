"""Shapes of the wire as JSON Schema: each TypedDict becomes a component of the API's schema."""

from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

JsonSchema = dict[str, Any]

PLAIN: dict[object, JsonSchema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    object: {},
}


def schema_of(shape: Any, components: ComponentRegistry) -> JsonSchema:
    """The schema of a type annotation as our TypedDicts use them. Raises KeyError for any other."""
    origin, arguments = get_origin(shape), get_args(shape)
    if is_typeddict(shape):
        return _component(shape, components)
    if is_typeddict(origin):
        return _object(origin, components, arguments)
    if origin is list:
        return {"type": "array", "items": schema_of(arguments[0], components)}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(arguments[1], components)}
    if origin is Annotated:
        return _annotated(*arguments)
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if origin in (Union, UnionType):
        return _nullable([schema_of(choice, components) for choice in arguments if choice is not NoneType])
    return dict(PLAIN[shape])


def _component(shape: Any, components: ComponentRegistry) -> JsonSchema:
    component: Any = ResolvedComponent(  # type: ignore[no-untyped-call]  # theirs has no types
        shape.__name__.removesuffix("Json"), ResolvedComponent.SCHEMA, object=shape
    )
    if component not in components:
        components.register(component)  # before its fields, which may name it again
        component.schema = _object(shape, components)
    reference: JsonSchema = component.ref
    return reference


def _object(shape: Any, components: ComponentRegistry, arguments: tuple[Any, ...] = ()) -> JsonSchema:
    hints = get_type_hints(shape, include_extras=True)
    schema: JsonSchema = {"type": "object", **({"description": shape.__doc__} if shape.__doc__ else {})}
    schema["properties"] = {name: _field(hint, components, arguments) for name, hint in hints.items()}
    schema["required"] = [name for name, hint in hints.items() if get_origin(hint) is not NotRequired]
    return schema


def _field(hint: Any, components: ComponentRegistry, arguments: tuple[Any, ...]) -> JsonSchema:
    if get_origin(hint) is NotRequired:
        hint = get_args(hint)[0]
    return schema_of(hint[arguments] if getattr(hint, "__parameters__", ()) else hint, components)


def _annotated(plain: type, meaning: str | type[Enum]) -> JsonSchema:
    """`Annotated[str, "uuid"]` has a format; `Annotated[str, Kind]` is one of an enumeration's values."""
    if isinstance(meaning, str):
        return {**PLAIN[plain], "format": meaning}
    return {**PLAIN[plain], "enum": [member.value for member in meaning]}


def _nullable(choices: list[JsonSchema]) -> JsonSchema:
    [schema] = choices  # a value of ours has one type, or none at all
    if "type" in schema and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}
