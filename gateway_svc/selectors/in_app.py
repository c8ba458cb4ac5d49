"""Browsers inside other messengers: they keep cookies of their own, so who is a guest there is nobody next door."""

from dataclasses import dataclass

# First match wins. What uses the phone's own browser (Telegram on an iPhone) has its cookies, and needs no word.
APPS = (
    ("FB_IAB/Orca", "Messenger"),
    ("FBAN/Messenger", "Messenger"),
    ("Instagram", "Instagram"),
    ("FBAN/", "Facebook"),
    ("FB_IAB/", "Facebook"),
    ("WhatsApp/", "WhatsApp"),
    ("Telegram", "Telegram"),
    ("MicroMessenger/", "WeChat"),
    (" Line/", "LINE"),
)


@dataclass(frozen=True)
class InApp:
    """`open_url`: what opens the page in the phone's own browser; empty where no address does."""

    app: str
    url: str
    open_url: str


def in_app(*, user_agent: str, url: str) -> InApp | None:
    """`url`: of the page that is looked at; None in a browser of its own."""
    app = next((app for mark, app in APPS if mark in user_agent), "")
    if not app:
        return None
    return InApp(app, url, _intent(url) if "Android" in user_agent else "")


def _intent(url: str) -> str:
    """Source: "Android Intents with Chrome", developer.chrome.com."""
    scheme, _, rest = url.partition("://")
    return f"intent://{rest}#Intent;scheme={scheme};end"
