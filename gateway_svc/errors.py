"""What stops a page: a service's refusal, carried as the service said it."""

from typing import Any

Fields = dict[str, list[str]]


class Refused(Exception):
    """A service answered with an error; `code` is for us, `text` for the person."""

    def __init__(
        self,
        status: int,
        code: str = "",
        text: str = "",
        fields: Fields | None = None,
        retry_after_s: int | None = None,
        beside: dict[str, Any] | None = None,
    ) -> None:
        self.status = status
        self.code = code
        self.text = text
        self.fields = fields or {}
        self.retry_after_s = retry_after_s
        self.beside = beside or {}  # what stands beside `error`: the way on
        super().__init__(f"{status} {code}")

    @property
    def is_fault(self) -> bool:
        """Whether the service failed, rather than decided."""
        return self.status >= 500


def refusal(status: int, body: Any, retry_after_s: int | None) -> Refused:
    """The refusal in an answer of the contract's error shape, or of any other."""
    beside = dict(body) if isinstance(body, dict) else {}
    error = beside.pop("error", {})
    return Refused(status, error.get("code", ""), error.get("message", ""), error.get("fields"), retry_after_s, beside)
