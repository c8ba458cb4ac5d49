"""What may come of asking a service, beside its answer."""


class ServiceAway(Exception):
    """The service did not answer in time, or is known not to; a page shows that part as unavailable."""

    def __init__(self, text: str = "", *, retry_after_s: int = 1) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s
