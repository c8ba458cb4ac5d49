"""The chat server of the Channels tutorial, part 3, in one file; with STORED it writes each message the tutorial's way.

Started by daphne as `server:application`.
"""

import json
import os

from django.conf import settings

LAYER = os.environ["LAYER"]
settings.configure(
    SECRET_KEY="of no use here",
    ALLOWED_HOSTS=["*"],  # listens on loopback, for the load generator alone, and holds nobody's data
    USE_TZ=True,
    INSTALLED_APPS=["channels"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["PGDATABASE"],
            "USER": os.environ["PGUSER"],
            "PASSWORD": os.environ["PGPASSWORD"],
            "HOST": os.environ["PGHOST"],
            "PORT": os.environ["PGPORT"],
            # The thread that writes keeps its connection.
            "CONN_MAX_AGE": None,
        }
    },
    CHANNEL_LAYERS={"default": {"BACKEND": LAYER, "CONFIG": json.loads(os.environ["LAYER_CONFIG"])}},
)

import django  # noqa: E402

django.setup()

from channels.db import database_sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402
from django.urls import re_path  # noqa: E402

STORED = bool(os.environ.get("STORED"))


class Room(models.Model):  # noqa: DJ008  # nobody prints one
    name = models.CharField(max_length=50, unique=True)
    last_seq = models.BigIntegerField(default=0)

    class Meta:
        app_label = "chat"


class Message(models.Model):  # noqa: DJ008
    room = models.ForeignKey(Room, models.CASCADE)
    seq = models.BigIntegerField()
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "chat"
        constraints = [models.UniqueConstraint(fields=["room", "seq"], name="seq_once")]


def store(room_name, body):
    with transaction.atomic():
        room = Room.objects.select_for_update().get(name=room_name)
        room.last_seq += 1
        room.save(update_fields=["last_seq"])
        Message.objects.create(room=room, seq=room.last_seq, body=body)


def make_tables(rooms):
    with connection.schema_editor() as editor:
        for model in (Room, Message):
            if model._meta.db_table not in connection.introspection.table_names():
                editor.create_model(model)
    Room.objects.bulk_create([Room(name=str(number)) for number in range(rooms)], ignore_conflicts=True)


class ChatConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        self.room_name = self.scope["url_route"]["kwargs"]["room_name"]
        self.room_group_name = f"chat_{self.room_name}"
        await self.channel_layer.group_add(self.room_group_name, self.channel_name)
        await self.accept()

    async def disconnect(self, close_code):
        await self.channel_layer.group_discard(self.room_group_name, self.channel_name)

    async def receive(self, text_data):
        message = json.loads(text_data)["message"]
        if STORED:
            await database_sync_to_async(store)(self.room_name, message)
        await self.channel_layer.group_send(self.room_group_name, {"type": "chat.message", "message": message})

    async def chat_message(self, event):
        await self.send(text_data=json.dumps({"message": event["message"]}))


routes = [re_path(r"ws/chat/(?P<room_name>\w+)/$", ChatConsumer.as_asgi())]
application = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": URLRouter(routes)})

if __name__ == "__main__":
    make_tables(int(os.environ["ROOMS"]))
