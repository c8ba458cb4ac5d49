"""How values look on the wire."""

import datetime as dt
from typing import overload


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
