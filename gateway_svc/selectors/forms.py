"""Form fields with what was typed and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gateway_svc.errors import Fields

Text = str | Promise


@dataclass(frozen=True)
class Field:
    name: str
    label: Text
    type: str = "text"
    autocomplete: str = "off"
    hint: Text = ""
    required: bool = True
    maxlength: int = 0
    inputmode: str = ""  # which keyboard a phone shows
    is_plain: bool = False  # a name or address for machines: no capitals, no spelling
    value: str = ""
    error: str = ""
    has_focus: bool = False

    @property
    def described_by(self) -> str:
        ids = [f"hint-{self.name}"] if self.hint else []
        return " ".join([*ids, f"error-{self.name}"] if self.error else ids)


@dataclass(frozen=True)
class Form:
    action: str
    fields: list[Field]
    error: str = ""


@dataclass(frozen=True)
class Option:
    value: str
    text: Text
    is_chosen: bool


@dataclass(frozen=True)
class Choices:
    name: str
    label: Text
    options: list[Option]


@dataclass(frozen=True)
class Switch:
    name: str
    label: Text
    is_on: bool
    hint: Text = ""


NAME = Field("display_name", _("Your name"), autocomplete="nickname", maxlength=60)
OPTIONAL_NAME = replace(NAME, required=False)
PROFILE_NAME = replace(NAME, hint=_("How everybody in your chats sees you, also beside what you wrote before."))
PASSWORD = Field("password", _("Password"), type="password", autocomplete="current-password", is_plain=True)
NEW_PASSWORD = replace(
    PASSWORD, label=_("New password"), autocomplete="new-password",
    hint=_("At least 8 characters. A few words are better than one."),
)  # fmt: skip
OLD_PASSWORD = replace(PASSWORD, name="password_old", label=_("Your current password"))
EMAIL = Field("email", _("E-mail"), type="email", autocomplete="email", is_plain=True, maxlength=254)

LOGIN = [
    Field("login", _("User name or e-mail"), autocomplete="username", is_plain=True, maxlength=254),
    PASSWORD,
]
REGISTER = [
    Field(
        "username", _("User name"), autocomplete="username", is_plain=True, maxlength=30,
        hint=_("3 to 30 letters, digits, dots or dashes. Others can find you by it."),
    ),
    replace(OPTIONAL_NAME, hint=_("What others see; without it, your user name.")),
    replace(EMAIL, required=False, hint=_("For the day you forget your password. A letter asks you to confirm it.")),
    replace(NEW_PASSWORD, label=_("Password")),
]  # fmt: skip
TITLE = Field("title", _("Name of the chat"), maxlength=100)
LABEL = Field(
    "label", _("Label"), required=False, maxlength=60, hint=_("For your own eyes, such as “table 4”.")
)  # fmt: skip

CODE_PASSWORD = Field("password", _("Password of the code"), required=False, is_plain=True, maxlength=128)


def choices(name: str, label: Text, texts: Mapping[str, Text], chosen: str) -> Choices:
    """What is chosen elsewhere, and not offered here, is offered as it is."""
    offered = texts if chosen in texts else {chosen: chosen, **texts}
    return Choices(name, label, [Option(value, text, value == chosen) for value, text in offered.items()])


def form(action: str, fields: list[Field], data: Mapping[str, str], errors: Fields, error: str = "") -> Form:
    """The form once more, as it was sent; a password is never sent back."""
    filled = [
        replace(
            field,
            value="" if field.type == "password" else data.get(field.name, field.value),
            error=" ".join(errors.get(field.name, [])),
        )
        for field in fields
    ]
    return Form(action, _first_wrong_has_focus(filled), error)


def _first_wrong_has_focus(fields: list[Field]) -> list[Field]:
    """Else the one that was meant to have it."""
    wrong = next((field for field in fields if field.error), None)
    return [replace(field, has_focus=field is wrong if wrong else field.has_focus) for field in fields]
