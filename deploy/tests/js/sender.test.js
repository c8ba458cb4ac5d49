import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { CommandError } from "../../../static/js/commands.js";
import { Outbox } from "../../../static/js/outbox.js";
import { Sender } from "../../../static/js/sender.js";

const NOTHING_KEPT = { get: () => null, set: () => undefined, names: () => [] };
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
  const outbox = new Outbox("c", NOTHING_KEPT);
  for (const body of bodies) outbox.add({ client_id: `id-${body}`, body, reply_to: null, created_at: "" });
  const sender = new Sender({ chat: "c", outbox, connection });
  const told = [];
  sender.addEventListener("sent", (event) => told.push(`sent ${event.detail.entry.body}`));
  sender.addEventListener("refused", (event) => told.push(`refused ${event.detail.entry.body}`));
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

test("a server that asks to wait is waited for, and the message goes again", async () => {
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

test("an answer to a message goes with the seq of what it answers", () => {
  const { connection, outbox, sender } = written();
  outbox.add({ client_id: "x", body: "yes", reply_to: 7, created_at: "" });

  sender.flush();

  assert.equal(connection.asked[0].reply_to, 7);
});
