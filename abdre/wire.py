"""How values look on the wire."""

import datetime as dt
from typing import Annotated, Generic, TypedDict, TypeVar, overload

# What a text is, for the API's schema (`abdre.shapes`).
Id = Annotated[str, "uuid"]
Moment = Annotated[str, "date-time"]
Item = TypeVar("Item")


class Items(TypedDict, Generic[Item]):
    items: list[Item]


@overload
def utc(moment: dt.datetime) -> str: ...
@overload
def utc(moment: None) -> None: ...
@overload
def utc(moment: dt.datetime | None) -> str | None: ...
def utc(moment: dt.datetime | None) -> str | None:
    """ISO 8601 in UTC with `Z` and milliseconds."""
    if moment is None:
        return None
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def microseconds(moment: dt.datetime) -> int:
    """Since 1970, without a fraction's rounding."""
    return (moment - EPOCH) // dt.timedelta(microseconds=1)
