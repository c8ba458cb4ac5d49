"""Real providers of logins, as other processes: OpenID Connect under two addresses, as Google and another one."""

import json
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import aiohttp

from deploy.ci.servers import Server
from deploy.ci.stack import answers
from deploy.tests.people import TIMEOUT, an_address

CLIENT = {"client_id": "abdre", "client_secret": "only-for-tests"}


class Provider(Server):
    """Signs in whoever it is told. What it calls itself is the address by which it is asked."""

    name = "provider"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        self.launch([str(Path(sys.executable).parent / "oidc-provider-mock"), "--port", str(self.port)])

    def is_ready(self) -> bool:
        return answers(f"{self.url}/.well-known/openid-configuration")

    def knows(self, subject: str, **claims: object) -> str:
        """Somebody has an account over there; answers the subject."""
        request = urllib.request.Request(
            f"{self.url}/users/{subject}",
            data=json.dumps(claims).encode(),
            headers={"Content-Type": "application/json"},
            method="PUT",
        )
        urllib.request.urlopen(request, timeout=5).close()
        return subject

    def knows_somebody(self, **claims: object) -> str:
        return self.knows(f"s-{uuid4().hex[:12]}", **claims)

    def settings(self) -> dict[str, str]:
        example = {"id": "example", "name": "Example", "issuer": self.url, **CLIENT}
        return {
            "ABDRE_GOOGLE_CLIENT_ID": CLIENT["client_id"],
            "ABDRE_GOOGLE_CLIENT_SECRET": CLIENT["client_secret"],
            "ABDRE_GOOGLE_ISSUER": f"http://127.0.0.1:{self.port}",
            "ABDRE_OIDC_PROVIDERS": json.dumps([example]),
        }


class Visitor:
    """A browser without pages: it keeps cookies and says yes over there, where it is asked who it is."""

    def __init__(self, house: str) -> None:
        self.house = house
        self.jar = aiohttp.CookieJar(unsafe=True)  # that is, also for an address without a name
        self.headers = {"X-Forwarded-For": an_address(), "Sec-Fetch-Site": "same-origin"}

    async def come_in(self, provider: str, subject: str = "") -> str:
        """Where the house sends it in the end."""
        async with aiohttp.ClientSession(cookie_jar=self.jar, timeout=TIMEOUT) as browser:
            asked = await self.location(browser, "GET", f"{self.house}/oauth/{provider}/login/?next=/chats")
            yes = {"data": {"sub": subject}} if subject else {}
            back = urlsplit(await self.location(browser, "POST" if subject else "GET", asked, **yes))
            return await self.location(browser, "GET", f"{self.house}{back.path}?{back.query}")

    async def location(self, browser: aiohttp.ClientSession, method: str, url: str, **options: object) -> str:
        async with browser.request(method, url, headers=self.headers, allow_redirects=False, **options) as answer:
            assert answer.status == 302, await answer.text()
            return answer.headers["Location"]

    def cookie(self, name: str) -> str:
        return next(cookie.value for cookie in self.jar if cookie.key == name)
