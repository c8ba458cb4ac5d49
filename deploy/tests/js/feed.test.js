import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { CommandError } from "../../../static/js/commands.js";
import { Feed } from "../../../static/js/feed.js";

class FakeConnection extends EventTarget {
  isOnline = true;
  asked = [];

  command(type, fields) {
    return new Promise((resolve, reject) => this.asked.push({ type, ...fields, resolve, reject }));
  }

  says(item) {
    this.dispatchEvent(new CustomEvent("item", { detail: item }));
  }
}

/** @returns the connection, the feed, and what the listener of chat "c" heard */
function following(version) {
  const connection = new FakeConnection();
  const feed = new Feed(connection);
  const heard = [];
  feed.follow("c", version, {
    item: (item) => heard.push(item.version),
    reset: () => heard.push("reset"),
    caughtUp: () => heard.push("caught up"),
    gone: () => heard.push("gone"),
  });
  return { connection, feed, heard };
}

const message = (version) => ({ type: "message.created", chat: "c", version });
const settled = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => mock.timers.reset());

test("a chat that stands at its head needs no resume", () => {
  const { connection, heard } = following(5);

  connection.says({ type: "hello", chats: { c: 5 } });

  assert.deepEqual(heard, ["caught up"]);
  assert.equal(connection.asked.length, 0);
});

test("where something changed that not everybody may see, a resume brings what this reader may", async () => {
  const { connection, feed, heard } = following(5);
  connection.says({ type: "hello", chats: { c: 5 } });

  connection.says({ type: "chat.stale", chat: "c", version: 6 });
  assert.deepEqual(connection.asked[0].chats, { c: 5 });
  connection.asked[0].resolve({ chats: { c: 6 } });
  await settled();

  assert.deepEqual(heard, ["caught up", "caught up"]);
  assert.equal(feed.versionOf("c"), 6);
  assert.equal(connection.asked.length, 1);
});

test("a chat that moved on is resumed from what is shown, and has caught up with the ack", async () => {
  const { connection, feed, heard } = following(5);

  connection.says({ type: "hello", chats: { c: 9, other: 4 } });
  assert.deepEqual(connection.asked[0].chats, { c: 5 });
  connection.says(message(7));
  connection.says(message(9));
  connection.asked[0].resolve({ chats: { c: 9 } });
  await settled();

  assert.deepEqual(heard, [7, 9, "caught up"]);
  assert.equal(feed.versionOf("c"), 9);
  assert.equal(connection.asked.length, 1);
});

test("the missing versions of rows that changed again are no gap after the ack", async () => {
  const { connection, feed } = following(5);
  connection.says({ type: "hello", chats: { c: 9 } });
  connection.says(message(9));
  connection.asked[0].resolve({ chats: { c: 9 } });
  await settled();

  connection.says(message(10));

  assert.equal(feed.versionOf("c"), 10);
  assert.equal(connection.asked.length, 1);
});

test("a gap in live events is noticed and resumed, once", async () => {
  const { connection, feed } = following(5);

  connection.says(message(7));
  connection.says(message(8));

  assert.equal(connection.asked.length, 1);
  assert.deepEqual(connection.asked[0].chats, { c: 5 });
  connection.says(message(6));
  connection.asked[0].resolve({ chats: { c: 8 } });
  await settled();
  assert.equal(feed.versionOf("c"), 8);
});

test("heads ahead of what is shown are a gap; heads behind are yesterday's", () => {
  const { connection } = following(5);

  connection.says({ type: "heads", chats: { c: 4 } });
  assert.equal(connection.asked.length, 0);
  connection.says({ type: "heads", chats: { c: 6 } });

  assert.equal(connection.asked.length, 1);
});

test("a head below what is shown in the hello means lost rows: the server is asked", () => {
  const { connection } = following(5);

  connection.says({ type: "hello", chats: { c: 2 } });

  assert.deepEqual(connection.asked[0].chats, { c: 5 });
});

test("a reset is passed on, and live events go on after its version", () => {
  const { connection, feed, heard } = following(900);

  connection.says({ type: "reset", chat: "c", version: 40 });
  connection.says(message(41));

  assert.deepEqual(heard, ["reset", 41]);
  assert.equal(feed.versionOf("c"), 41);
});

test("a chat missing in the hello is gone", () => {
  const { connection, heard } = following(5);

  connection.says({ type: "hello", chats: {} });

  assert.deepEqual(heard, ["gone"]);
  assert.equal(connection.asked.length, 0);
});

test("other chats' events are not this listener's", () => {
  const { connection, heard } = following(5);

  connection.says({ type: "message.created", chat: "other", version: 1 });

  assert.deepEqual(heard, []);
});

test("a resume whose socket went is left to the next hello", async () => {
  const { connection } = following(5);
  connection.says({ type: "hello", chats: { c: 6 } });
  connection.isOnline = false;
  connection.asked[0].reject(new CommandError("offline"));
  await settled();

  connection.isOnline = true;
  connection.says({ type: "hello", chats: { c: 8 } });

  assert.equal(connection.asked.length, 2);
  assert.deepEqual(connection.asked[1].chats, { c: 5 });
});

test("a resume that the server could not answer is asked again, calmly", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { connection } = following(5);
  connection.says({ type: "hello", chats: { c: 6 } });
  connection.asked[0].reject(new CommandError("unavailable"));
  await settled();
  assert.equal(connection.asked.length, 1);

  mock.timers.tick(2_000);

  assert.equal(connection.asked.length, 2);
});
