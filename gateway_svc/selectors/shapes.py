"""JSON Schema, as far as our own API speaks it, in words."""

from dataclasses import dataclass

from gateway_svc.selectors.api import Json

# Numbers end somewhere; nobody needs to hear it.
ENDLESS = 2**63 - 1


@dataclass(frozen=True)
class Piece:
    text: str
    is_code: bool


Prose = list[Piece]


@dataclass(frozen=True)
class Type:
    """`list of`, `Message`, `or null`: the middle is a shape's name, to be linked."""

    before: str
    shape: str = ""
    after: str = ""


@dataclass(frozen=True)
class Field:
    name: str
    type: Type
    is_required: bool
    limits: str
    note: Prose
    place: str = ""  # of a parameter: path, query, header


def prose(text: str) -> Prose:
    """What stands in backticks is code."""
    pieces = enumerate(text.split("`"))
    return [Piece(piece, is_code=number % 2 == 1) for number, piece in pieces if piece]


def fields_of(shape: Json) -> list[Field]:
    required = shape.get("required", ())
    return [
        field(name, property, is_required=name in required) for name, property in shape.get("properties", {}).items()
    ]


def field(name: str, shape: Json, *, is_required: bool, place: str = "") -> Field:
    if "oneOf" in shape:  # an address or nothing: what it is when it is something
        shape = {**shape["oneOf"][0], **shape}
    return Field(name, type_of(shape), is_required, _limits(shape), prose(shape.get("description", "")), place)


def type_of(shape: Json) -> Type:
    if "$ref" in shape:
        return Type("", shape["$ref"].rpartition("/")[2])
    if "anyOf" in shape:
        some = type_of(shape["anyOf"][0])
        return Type(some.before, some.shape, "or null")
    if "items" in shape:
        each = type_of(shape["items"])
        return Type(f"list of {each.before}".strip(), each.shape, each.after)
    if isinstance(shape.get("additionalProperties"), dict):
        each = type_of(shape["additionalProperties"])
        return Type(f"map of {each.before}".strip(), each.shape, each.after)
    return Type(_plain(shape))


def _plain(shape: Json) -> str:
    named = shape.get("type", "anything")
    words = " or ".join(named) if isinstance(named, list) else named
    return f"{words}, {shape['format']}" if shape.get("format", "int64") != "int64" else words


def _limits(shape: Json) -> str:
    told = [
        ", ".join(map(str, shape.get("enum", []))),
        "only " + _literal(shape["const"]) if "const" in shape else "",
        _range(shape.get("minimum"), shape.get("maximum")),
        _length(shape.get("minLength"), shape.get("maxLength")),
        _range(None, shape.get("maxItems"), " of them"),
        "default " + _literal(shape["default"]) if shape.get("default", "") != "" else "",
    ]
    return "; ".join(filter(None, told))


def _length(lowest: int | None, highest: int | None) -> str:
    return "not empty" if (lowest, highest) == (1, None) else _range(lowest, highest, " characters")


def _range(lowest: int | None, highest: int | None, unit: str = "") -> str:
    least = f"at least {lowest:,}{unit}" if lowest is not None else ""
    if highest is None or highest >= ENDLESS:
        return least
    return f"{lowest:,} to {highest:,}{unit}" if lowest is not None else f"at most {highest:,}{unit}"


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
