"""The language of `/ws`: what a client may say, what it is answered, and with which code a socket closes."""
