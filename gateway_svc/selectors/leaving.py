"""What a person may take along, and how they may leave."""

from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gateway_svc.selectors import times
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.forms import Choices, Option

KEEP, ERASE = "keep", "erase"
# While one is made, no other can be asked for.
WAITING = "waiting"


@dataclass(frozen=True)
class Archive:
    asked_at: str
    asked_text: str
    state: str
    url: str  # empty until it is made
    download_text: str

    @property
    def is_ready(self) -> bool:
        return bool(self.url)


def archive(answer: Json) -> Archive:
    asked_text = times.short(answer["asked_at"])
    is_ready = answer["status"] == "ready"
    return Archive(
        asked_at=answer["asked_at"],
        asked_text=asked_text,
        state=_state(answer),
        url=f"/security/data/archives/{answer['id']}" if is_ready else "",
        download_text=_("Download the archive of %(time)s") % {"time": asked_text},
    )


def _state(answer: Json) -> str:
    if answer["status"] == "ready":
        kept = times.about(times.left_s(answer["expires_at"]) or 0)
        return _("%(size)s, kept for %(time)s") % {"size": filesizeformat(answer["size_bytes"]), "time": kept}
    if answer["status"] == WAITING:
        return _("Is being made. You may leave this page.")
    return _("Could not be made. Please ask again.")


def messages_choice(chosen: str = KEEP) -> Choices:
    texts = {
        KEEP: gettext_lazy("Leave them, under “Deleted account”"),
        ERASE: gettext_lazy("Delete them for everybody"),
    }
    known = chosen if chosen in texts else KEEP
    label = gettext_lazy("Your messages")
    return Choices("messages", label, [Option(value, text, value == known) for value, text in texts.items()])


def day_of(moment: str | None) -> str:
    """The day in words, as far ahead as it is; empty for none, and for what is no moment."""
    try:
        time = times.moment(moment)
    except ValueError:
        return ""
    return times.date(time) if time else ""
