import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Connection } from "../../../static/js/connection.js";
import { FakeSocket } from "./fake_socket.js";

const HALF_MINUTE_MS = 30_000;

function connected() {
  const connection = new Connection({ url: "ws://house/ws", me: "ada", open: (url) => new FakeSocket(url) });
  connection.items = [];
  connection.addEventListener("item", (event) => connection.items.push(event.detail));
  connection.wake();
  return connection;
}

beforeEach(() => {
  FakeSocket.opened = [];
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
});

test("it is online from the server's hello on, not from the open socket", () => {
  const connection = connected();
  assert.equal(connection.state, "connecting");

  FakeSocket.last.welcomes();

  assert.equal(connection.state, "online");
  assert.equal(connection.items[0].type, "hello");
});

test("events reach the page; answers and pongs do not", () => {
  const connection = connected();
  FakeSocket.last.welcomes();

  FakeSocket.last.says({ type: "pong" }, { type: "ack", ref: "9" }, { type: "error", ref: null }, { type: "heads", chats: {} });

  assert.deepEqual(connection.items.map((item) => item.type), ["hello", "heads"]);
});

test("a command carries a ref and waits for its ack", async () => {
  const connection = connected();
  FakeSocket.last.welcomes();

  const answer = connection.command("message.send", { chat: "c", body: "hi" });
  const [{ ref, ...sent }] = FakeSocket.last.sent;
  FakeSocket.last.says({ type: "ack", ref, seq: 1 });

  assert.deepEqual(sent, { type: "message.send", chat: "c", body: "hi" });
  assert.equal((await answer).seq, 1);
});

test("a command while offline is refused at once", async () => {
  await assert.rejects(connected().command("message.send", {}), { code: "offline" });
});

test("a lost socket is opened again after a wait", () => {
  const connection = connected();
  FakeSocket.last.welcomes();

  FakeSocket.last.ends(1006);
  assert.equal(connection.state, "offline");
  mock.timers.tick(HALF_MINUTE_MS);

  assert.equal(FakeSocket.opened.length, 2);
});

test("waits grow while the server is away, and after a short visit they are not short again", (context) => {
  context.mock.method(Math, "random", () => 0.999);
  connected();
  for (let attempt = 0; attempt < 4; attempt++) {
    FakeSocket.last.welcomes();
    FakeSocket.last.ends(4008);
    mock.timers.tick(500 * 2 ** attempt);
  }
  assert.equal(FakeSocket.opened.length, 5);

  FakeSocket.last.ends(4008);
  mock.timers.tick(7_000);

  assert.equal(FakeSocket.opened.length, 5);
});

test("a socket that lasted lets the back-off begin anew", (context) => {
  context.mock.method(Math, "random", () => 0.999);
  connected();
  for (let attempt = 0; attempt < 4; attempt++) {
    FakeSocket.last.ends(1006);
    mock.timers.tick(500 * 2 ** attempt);
  }
  FakeSocket.last.welcomes();
  mock.timers.tick(11_000);
  FakeSocket.last.says({ type: "pong" });

  FakeSocket.last.ends(1006);
  mock.timers.tick(500);

  assert.equal(FakeSocket.opened.length, 6);
});

test("a code that says stay away is obeyed, also when the network comes back", () => {
  const connection = connected();
  FakeSocket.last.welcomes();

  FakeSocket.last.ends(4504);
  connection.wake();
  mock.timers.tick(10 * HALF_MINUTE_MS);

  assert.equal(connection.state, "stopped");
  assert.equal(connection.reason, "session_ended");
  assert.equal(FakeSocket.opened.length, 1);
});

test("waking while offline connects at once", () => {
  const connection = connected();
  FakeSocket.last.ends(1006);

  connection.wake();

  assert.equal(FakeSocket.opened.length, 2);
});

test("a silent socket is asked, and given up when it does not answer", () => {
  const connection = connected();
  FakeSocket.last.welcomes();

  mock.timers.tick(25_000);
  assert.deepEqual(FakeSocket.last.sent, [{ type: "ping" }]);
  mock.timers.tick(8_000);

  assert.equal(connection.state, "offline");
  assert.equal(FakeSocket.opened[0].readyState, 3);
});

test("a pong keeps the socket", () => {
  const connection = connected();
  FakeSocket.last.welcomes();

  mock.timers.tick(25_000);
  FakeSocket.last.says({ type: "pong" });
  mock.timers.tick(20_000);

  assert.equal(connection.state, "online");
});

test("news from a socket that was given up are not news any more", () => {
  const connection = connected();
  const old = FakeSocket.last;
  old.welcomes();
  connection.rest();
  connection.wake();

  old.says({ type: "message.created", chat: "c" });
  old.ends(4501);

  assert.deepEqual(connection.items.map((item) => item.type), ["hello"]);
  assert.equal(connection.state, "connecting");
});

test("a command whose socket goes is told so, that it may be sent again", async () => {
  const connection = connected();
  FakeSocket.last.welcomes();

  const answer = connection.command("message.send", {});
  FakeSocket.last.ends(4001);

  await assert.rejects(answer, { code: "offline" });
});

test("a browser in which somebody else signed in meanwhile is not theirs to speak through", async () => {
  const connection = connected();
  FakeSocket.last.welcomes({}, "bob");

  connection.wake();
  mock.timers.tick(10 * HALF_MINUTE_MS);

  assert.deepEqual([connection.state, connection.reason], ["stopped", "another_person"]);
  assert.deepEqual(connection.items, []);
  assert.deepEqual(FakeSocket.opened.map((socket) => socket.closedWith), [1000]);
  await assert.rejects(connection.command("message.send", {}), { code: "offline" });
});

test("a server that leaves is left for another within a moment, without back-off", (context) => {
  context.mock.method(Math, "random", () => 0.999);
  const connection = connected();
  for (let goodbye = 0; goodbye < 5; goodbye++) {
    FakeSocket.last.welcomes();
    FakeSocket.last.says({ type: "going_away" });
    FakeSocket.last.ends(4001);
    mock.timers.tick(1_000);
    assert.equal(connection.state, "offline");
    mock.timers.tick(500);
  }

  assert.equal(FakeSocket.opened.length, 6);
  assert.ok(connection.items.every((item) => item.type === "hello"));
});

test("a server that leaves says when to come back", () => {
  const connection = connected();
  FakeSocket.last.welcomes();
  FakeSocket.last.says({ type: "going_away", retry_after_s: 0.7 });
  FakeSocket.last.ends(4001);

  mock.timers.tick(699);
  assert.equal(connection.state, "offline");
  mock.timers.tick(1);
  assert.equal(connection.state, "connecting");
});

test("a question that is not answered brings the suspicion forward", () => {
  const connection = connected();
  FakeSocket.last.welcomes();

  connection.command("message.send", {}).catch(() => undefined);
  mock.timers.tick(4_000);
  assert.equal(FakeSocket.last.sent.at(-1).type, "ping");
  mock.timers.tick(8_000);

  assert.equal(connection.state, "offline");
});

test("a socket that is silent when the page is looked at again is given up in four seconds", () => {
  const connection = connected();
  FakeSocket.last.welcomes();

  connection.wake();
  mock.timers.tick(4_000);

  assert.equal(connection.state, "offline");
});

test("an attempt that hangs is given up when the network changes, a fresh one is not", () => {
  const connection = connected();
  connection.wake();
  assert.equal(FakeSocket.opened.length, 1);

  mock.timers.tick(3_500);
  connection.wake();

  assert.deepEqual(FakeSocket.opened.map((socket) => socket.closedWith), [1000, undefined]);
  assert.equal(connection.state, "connecting");
});

test("who was cut off has patience with what is not urgent, who was woken has none", (context) => {
  context.mock.method(Math, "random", () => 0.5);
  const connection = connected();
  FakeSocket.last.welcomes();
  assert.equal(connection.calmMs, 0);

  FakeSocket.last.ends(1006);
  mock.timers.tick(500);
  FakeSocket.last.welcomes();
  assert.equal(connection.calmMs, 2_500);
  connection.rest();
  connection.wake();

  assert.equal(connection.calmMs, 0);
});
