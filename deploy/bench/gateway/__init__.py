"""The gateway beside other proxies: what a request and a delivered message cost, and how much later an answer comes.

Each proxy in turn stands before one and the same upstream: nothing, nginx, the gateway role, a Django view with httpx.
"""
