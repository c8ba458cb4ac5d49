"""Rooms on Flask-SocketIO with gevent and Redis, as its documentation deploys them."""

import os
from typing import Any

from flask import Flask, session
from flask_socketio import SocketIO, emit, join_room

app = Flask(__name__)
app.config["SECRET_KEY"] = os.urandom(32)
socketio = SocketIO(
    app,
    async_mode="gevent",
    async_handlers=False,  # a handler only tells the room: no greenlet of its own for that
    message_queue=os.environ["REDIS_URL"],
    transports=["websocket"],
)


@socketio.on("connect")
def enter(auth: dict[str, Any]) -> None:
    session["room"] = auth["room"]
    join_room(auth["room"])
    emit("joined")


@socketio.on("message")
def tell(message: dict[str, Any]) -> None:
    emit("message", message, to=session["room"])
