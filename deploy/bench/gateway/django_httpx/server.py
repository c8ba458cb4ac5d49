"""A gateway as it is usually written in Django: an async view, and httpx with its connections kept."""

import os
from collections.abc import AsyncIterator

import django
import httpx
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import re_path

UPSTREAM = os.environ["UPSTREAM_URL"]
HOP_BY_HOP = {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}

settings.configure(
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=[],  # the least that a view can cost
)
django.setup()
client = httpx.AsyncClient(
    timeout=httpx.Timeout(10, connect=1),
    # Each request looks at all that rest: 20, 256, and httpx's own 100 with 20 kept cost more, 4 as much.
    limits=httpx.Limits(max_connections=10, max_keepalive_connections=10),
    trust_env=False,
)


async def forward(request: HttpRequest) -> StreamingHttpResponse:
    headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
    headers["X-Forwarded-For"] = request.META["REMOTE_ADDR"]
    asked = client.build_request(
        request.method or "GET", UPSTREAM + request.get_full_path(), headers=headers, content=request.body or None
    )
    answer = await client.send(asked, stream=True)
    kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
    return StreamingHttpResponse(body_of(answer), status=answer.status_code, headers=kept)


async def body_of(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in answer.aiter_raw():
            yield chunk
    finally:
        await answer.aclose()


urlpatterns = [re_path("", forward)]
application = get_asgi_application()
