import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { CommandError } from "../../../static/js/commands.js";
import { Outbox } from "../../../static/js/outbox.js";
import { Sender } from "../../../static/js/sender.js";

const nothing = async () => undefined;
const NOTHING_KEPT = { all: async () => [], put: nothing, remove: nothing, clear: nothing };
const settled = () => new Promise((resolve) => setImmediate(resolve));

class FakeConnection {
  isOnline = true;
  asked = [];

  command(type, fields) {
    return new Promise((resolve, reject) => this.asked.push({ type, ...fields, resolve, reject }));
  }

  goes() {
    this.isOnline = false;
    this.asked.at(-1)?.reject(new CommandError("offline"));
  }
}

function written(...bodies) {
  const connection = new FakeConnection();
  const outbox = new Outbox("ada", NOTHING_KEPT, null);
  for (const body of bodies) outbox.add({ client_id: `id-${body}`, chat: "c", body, reply_to: null });
  const sender = new Sender({ outbox, connection, turns: (_, deed) => deed() });
  const told = [];
  outbox.addEventListener("gone", ({ detail }) => told.push(`sent ${detail.entry.body}`));
  outbox.addEventListener("changed", ({ detail }) => detail.entry.refusal && told.push(`refused ${detail.entry.body}`));
  return { connection, outbox, sender, told };
}

beforeEach(() => mock.timers.reset());

test("messages go one after the other, the next when the last is acknowledged", async () => {
  const { connection, sender, told } = written("one", "two");
  sender.flush();
  assert.deepEqual(connection.asked.map((command) => command.body), ["one"]);

  connection.asked[0].resolve({ seq: 1 });
  await settled();
  connection.asked[1].resolve({ seq: 2 });
  await settled();

  assert.deepEqual(told, ["sent one", "sent two"]);
});

test("a flush while one is under way sends nothing twice", () => {
  const { connection, sender } = written("one");

  sender.flush();
  sender.flush();

  assert.equal(connection.asked.length, 1);
});

test("a message whose ack was lost goes again under the same id when the connection is back", async () => {
  const { connection, outbox, sender, told } = written("one");
  sender.flush();
  connection.goes();
  await settled();
  assert.equal(outbox.entries().length, 1);

  connection.isOnline = true;
  sender.flush();
  connection.asked[1].resolve({ seq: 1 });
  await settled();

  assert.equal(connection.asked[0].client_id, connection.asked[1].client_id);
  assert.deepEqual(told, ["sent one"]);
});

test("offline, nothing is tried", () => {
  const { connection, sender } = written("one");
  connection.isOnline = false;

  sender.flush();

  assert.equal(connection.asked.length, 0);
});

test("a refusal is told, and the next message goes", async () => {
  const { connection, sender, outbox, told } = written("bad", "good");
  sender.flush();

  connection.asked[0].reject(new CommandError("not_a_member", "You are not in this chat."));
  await settled();
  connection.asked[1].resolve({ seq: 1 });
  await settled();

  assert.deepEqual(told, ["refused bad", "sent good"]);
  assert.equal(outbox.get("id-bad").refusal, "You are not in this chat.");
});

test("a server that asks to wait is waited for, and the message goes again", async (context) => {
  context.mock.method(Math, "random", () => 0.2);
  mock.timers.enable({ apis: ["setTimeout"] });
  const { connection, sender, told } = written("one");
  sender.flush();
  connection.asked[0].reject(new CommandError("too_many", "Wait.", 3));
  await settled();

  mock.timers.tick(2_900);
  await settled();
  assert.equal(connection.asked.length, 1);
  mock.timers.tick(200);
  await settled();
  connection.asked[1].resolve({ seq: 1 });
  await settled();

  assert.deepEqual(told, ["sent one"]);
});

test("who would have to wait for long is told so instead", async () => {
  const { connection, sender, told } = written("one");
  sender.flush();

  connection.asked[0].reject(new CommandError("slow_mode", "This chat is in slow mode.", 3_600));
  await settled();

  assert.deepEqual(told, ["refused one"]);
});

test("an answer to a message goes with the seq of what it answers", () => {
  const { connection, outbox, sender } = written();
  outbox.add({ client_id: "x", chat: "c", body: "yes", reply_to: 7 });

  sender.flush();

  assert.equal(connection.asked[0].reply_to, 7);
});

test("a chat whose server is busy does not hold up another", async () => {
  const { connection, outbox, sender } = written("one");
  outbox.add({ client_id: "x", chat: "d", body: "elsewhere", reply_to: null });

  sender.flush();

  assert.deepEqual(connection.asked.map(({ chat, body }) => [chat, body]), [["c", "one"], ["d", "elsewhere"]]);
});

test("what is written while the turn is given back is sent", async () => {
  const { connection, outbox } = written("one");
  const slow = async (_, deed) => [await deed(), await settled(), await settled()];
  const sender = new Sender({ outbox, connection, turns: slow });
  sender.flush();
  connection.asked[0].resolve({ seq: 1 });
  await settled();

  outbox.add({ client_id: "x", chat: "c", body: "two", reply_to: null });
  sender.flush();

  assert.equal(connection.asked.at(-1).body, "two");
});

test("who gets the turn when another tab has sent everything sends nothing", async () => {
  const { connection, outbox } = written("one");
  let begin;
  const sender = new Sender({ outbox, connection, turns: (_, deed) => (begin = deed) });
  sender.flush();

  outbox.settle("id-one", 1);
  await begin();

  assert.equal(connection.asked.length, 0);
});

test("a reply in a thread says where it hangs", () => {
  const { connection, outbox, sender } = written();
  outbox.add({ client_id: "id", chat: "c", body: "yes", reply_to: null, thread: 7 });

  sender.flush();

  assert.deepEqual([connection.asked[0].thread, "reply_to" in connection.asked[0]], [7, false]);
});

test("what is held is neither sent again by itself nor gone, and does not hold up the next", async () => {
  const { connection, outbox, sender, told } = written("one", "two");
  sender.flush();
  connection.asked[0].resolve({ type: "message.held", held: { id: "h1" } });
  await settled();

  assert.deepEqual(connection.asked.map((command) => command.body), ["one", "two"]);
  assert.equal(outbox.get("id-one").held, "h1");
  assert.deepEqual(told, []);
  sender.flush();
  assert.equal(connection.asked.length, 2);
});

test("what was held is asked about by the same id when the connection is back", async () => {
  const { connection, outbox, sender, told } = written("one", "two");
  outbox.hold(outbox.get("id-one"), "h1");
  outbox.hold(outbox.get("id-two"), "h2");

  sender.askAgain();
  connection.asked[0].resolve({ seq: 7 });
  connection.asked[1].reject(new CommandError("not_approved", "No."));
  await settled();

  assert.deepEqual(connection.asked.map((command) => command.client_id), ["id-one", "id-two"]);
  assert.deepEqual(told, ["sent one", "refused two"]);
  sender.askAgain();
  assert.equal(connection.asked.length, 2);
});
