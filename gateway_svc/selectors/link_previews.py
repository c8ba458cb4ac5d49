"""The card below a message: what the page behind its link says of itself."""

from dataclasses import dataclass

from gateway_svc.selectors.api import Json


@dataclass(frozen=True)
class LinkPreview:
    url: str
    title: str
    description: str
    site_name: str
    picture_id: str
    picture_url: str
    width: int | str
    height: int | str


# What the page's script copies for a card that comes while the page stands.
BLANK = LinkPreview("#", "", "", "", "", "", "", "")


def link_preview(item: Json) -> LinkPreview | None:
    """Of a message."""
    shown = item.get("link_preview")
    if not shown:
        return None
    picture = shown["picture"] or {}
    return LinkPreview(
        url=shown["url"],
        title=shown["title"],
        description=shown["description"],
        site_name=shown["site_name"],
        picture_id=picture.get("id", ""),
        picture_url=f"/api/chats/{item['chat']}/attachments/{picture['id']}/content" if picture else "",
        width=picture.get("width", ""),
        height=picture.get("height", ""),
    )
