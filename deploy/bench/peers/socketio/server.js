/** Rooms on Socket.IO with the Redis adapter; with a DATABASE_URL every message is stored before it is told. */
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";
import { openStore } from "./store.js";

const { PORT, REDIS_URL, DATABASE_URL, DATABASE_CONNECTIONS } = process.env;

// Without the client's five seconds for a command: where that ran out under load, the adapter let the whole server fall.
const publisher = createClient({ url: REDIS_URL, commandOptions: { timeout: undefined } });
const subscriber = publisher.duplicate();
for (const client of [publisher, subscriber]) client.on("error", console.error);
await Promise.all([publisher.connect(), subscriber.connect()]);

const store = DATABASE_URL ? await openStore(DATABASE_URL, Number(DATABASE_CONNECTIONS)) : null;

const http = createServer();
const io = new Server(http, {
  adapter: createAdapter(publisher, subscriber),
  httpCompression: false,
  maxHttpBufferSize: 16 * 1024,
  perMessageDeflate: false,
  serveClient: false,
  transports: ["websocket"],
});

// From the documentation's page on memory: the handshake's request is of no use afterwards.
io.engine.on("connection", (connection) => {
  connection.request = null;
});

/** At most once, as Socket.IO is by default. */
function tell(room, message) {
  io.to(room).emit("message", message);
}

async function storeAndTell(room, sender, message, acknowledge) {
  try {
    const seq = await store.add(room, sender, message.text);
    tell(room, { ...message, seq });
    acknowledge({ seq });
  } catch (error) {
    console.error(error);
    acknowledge({ error: "not stored" });
  }
}

io.on("connection", (socket) => {
  const { room } = socket.handshake.auth;
  socket.join(room);
  socket.on("message", (message, acknowledge) =>
    store ? storeAndTell(room, socket.id, message, acknowledge) : tell(room, message),
  );
  socket.emit("joined");
});

http.listen({ host: "127.0.0.1", port: Number(PORT), backlog: 1024 });
