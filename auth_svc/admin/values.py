"""What stands in a cell of a list, and beside a fact of a row: each kind of value in words."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal, NamedTuple

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import lookup_field
from django.db.models import Field, Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from auth_svc.admin.words import CHOICES

MOMENT = "j M Y, H:i"
NOTHING = "–"


class Badge(NamedTuple):
    """A state in a word; `tone` says how good it is."""

    text: str | Promise
    tone: Literal["", "accent", "good", "warning", "ended"] = ""


class Aside(NamedTuple):
    """A word with a lesser one after it."""

    text: str
    beside: str


def shown(row: Model, name: str, admin: ModelAdmin[Any]) -> str:
    """The field or column `name` of `row`, escaped."""
    field, _attribute, value = lookup_field(name, row, admin)
    if field is not None and field.choices:
        return str(CHOICES.get(value) or dict(field.flatchoices).get(value) or value or NOTHING)
    return in_words(value)


def in_words(value: Any) -> str:
    match value:
        case Badge() if value.text:
            return format_html('<span class="badge badge--{}">{}</span>', value.tone or "plain", value.text)
        case Aside():
            beside = format_html(' <span class="admin__hint">{}</span>', value.beside) if value.beside else ""
            return format_html("<bdi>{}</bdi>{}", value.text, beside)
        case bool():
            return gettext("yes") if value else gettext("no")
        case datetime():
            return moment(value)
        case dict() | list():
            return format_html('<code class="facts__code">{}</code>', json.dumps(value, ensure_ascii=False, indent=2))
        case None | "" | Badge():
            return NOTHING
        case SafeString():
            return value
    return format_html("{}", value)


def moment(at: datetime) -> str:
    """By the clock of whoever looks."""
    local = timezone.localtime(at)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), date_format(local, MOMENT))


def points_to(row: Model, name: str) -> Model | None:
    """The row that the field `name` points to, where it is such a field."""
    field = next((field for field in row._meta.fields if field.name == name), None)
    return getattr(row, name) if isinstance(field, Field) and field.is_relation else None
