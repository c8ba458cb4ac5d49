import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Outbox } from "../../../static/js/outbox.js";

/** What a browser keeps, without a browser; all tabs share it. */
class FakeStore {
  kept = new Map();
  isForbidden = false;

  async #ask(deed) {
    if (this.isForbidden) throw new Error("QuotaExceededError");
    return deed();
  }
  all() {
    return this.#ask(() => [...this.kept.values()].reverse());
  }
  put(entry) {
    return this.#ask(() => void this.kept.set(entry.client_id, entry));
  }
  remove(id) {
    return this.#ask(() => void this.kept.delete(id));
  }
  clear() {
    return this.#ask(() => this.kept.clear());
  }
}

/** Ends of one channel: what is said at one is heard at all others. */
function channels(count) {
  const ends = Array.from({ length: count }, () => new EventTarget());
  for (const end of ends) {
    end.postMessage = (data) => {
      for (const other of ends) if (other !== end) other.dispatchEvent(new MessageEvent("message", { data }));
    };
  }
  return ends;
}

async function reloaded(store, person = "ada", tabs = null) {
  const outbox = new Outbox(person, store, tabs);
  await outbox.refresh();
  return outbox;
}

const written = (client_id, chat = "c") => ({ client_id, chat, body: client_id, reply_to: null });
const ids = (outbox, chat) => outbox.entries(chat).map((waiting) => waiting.client_id);

/** What an outbox tells of itself, in short. */
function listened(outbox) {
  const told = [];
  outbox.addEventListener("changed", ({ detail }) => told.push(`${detail.entry.client_id} ${detail.isElsewhere ? "there" : "here"}`));
  outbox.addEventListener("gone", ({ detail }) => told.push(`${detail.entry.client_id} gone ${detail.seq ?? ""}`.trim()));
  return told;
}

beforeEach(() => mock.timers.reset());

test("what goes out while the store is asked does not come back", async () => {
  const store = new FakeStore();
  const outbox = await reloaded(store);
  await outbox.add(written("a"));
  const asked = outbox.refresh(); // has read what is kept, and not looked at it yet

  outbox.settle("a", 1);
  await outbox.add(written("b"));
  await asked;

  assert.deepEqual(ids(outbox), ["b"]);
});

test("messages wait in the order in which they were written, also through a reload", async () => {
  const store = new FakeStore();
  const outbox = new Outbox("ada", store, null);

  for (const id of ["z", "a", "m"]) outbox.add(written(id));

  assert.deepEqual(ids(outbox), ["z", "a", "m"]);
  assert.deepEqual(ids(await reloaded(store)), ["z", "a", "m"]);
});

test("a clock that is put back does not turn the order round", async () => {
  mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
  const store = new FakeStore();
  const outbox = new Outbox("ada", store, null);
  outbox.add(written("first"));
  mock.timers.reset();
  mock.timers.enable({ apis: ["Date"], now: 5_000 });

  outbox.add(written("second"));

  assert.deepEqual(ids(await reloaded(store)), ["first", "second"]);
});

test("what the server has is gone, also after a reload", async () => {
  const store = new FakeStore();
  const outbox = new Outbox("ada", store, null);
  outbox.add(written("a"));
  const told = listened(outbox);

  outbox.settle("a", 7);

  assert.deepEqual(told, ["a gone 7"]);
  assert.deepEqual(ids(await reloaded(store)), []);
});

test("each chat has its own, and all that wait are known", async () => {
  const outbox = new Outbox("ada", new FakeStore(), null);
  outbox.add(written("a", "c"));
  outbox.add(written("b", "d"));
  outbox.add(written("x", "e"));
  outbox.refuse("x", "No.");

  assert.deepEqual([ids(outbox, "c"), ids(outbox, "d")], [["a"], ["b"]]);
  assert.deepEqual([...outbox.chats()], ["c", "d"]);
});

test("a refused message does not hold up the next, and goes again under the same id when its author wants it", async () => {
  const store = new FakeStore();
  const outbox = new Outbox("ada", store, null);
  outbox.add(written("a"));
  outbox.add(written("b"));

  outbox.refuse("a", "Not allowed.");
  assert.equal(outbox.next("c").client_id, "b");
  assert.equal((await reloaded(store)).get("a").refusal, "Not allowed.");
  outbox.retry("a");

  assert.equal((await reloaded(store)).next("c").client_id, "a");
});

test("another person in the same browser finds nothing, and nothing stays", async () => {
  const store = new FakeStore();
  new Outbox("ada", store, null).add(written("secret"));

  assert.deepEqual(ids(await reloaded(store, "bob")), []);
  assert.deepEqual(ids(await reloaded(store, "ada")), []);
});

test("logging out forgets everything, on the other tabs too", async () => {
  const store = new FakeStore();
  const [here, there] = channels(2);
  const outbox = new Outbox("ada", store, here);
  const other = new Outbox("ada", store, there);
  outbox.add(written("a"));

  await outbox.clear();

  assert.deepEqual([ids(outbox), ids(other), store.kept.size], [[], [], 0]);
});

test("what one tab writes, gets through or gives up, the others hear", () => {
  const [here, there] = channels(2);
  const outbox = new Outbox("ada", new FakeStore(), here);
  const other = new Outbox("ada", new FakeStore(), there);
  const told = listened(other);

  outbox.add(written("a"));
  outbox.add(written("b"));
  other.settle("a", 3);
  outbox.discard("b");

  assert.deepEqual(told, ["a there", "b there", "a gone 3", "b gone"]);
  assert.deepEqual([ids(outbox), ids(other)], [[], []]);
});

test("a page that was put away learns what the others did meanwhile", async () => {
  const store = new FakeStore();
  const asleep = new Outbox("ada", store, null);
  await asleep.add(written("old"));
  const other = await reloaded(store);
  other.settle("old", 1);
  await other.add(written("new"));

  await asleep.refresh();

  assert.deepEqual(ids(asleep), ["new"]);
});

test("where nothing can be kept it is said, for as long as it matters, and nothing is lost before the page is", async () => {
  const store = new FakeStore();
  store.isForbidden = true;
  const outbox = await reloaded(store);
  const heard = [];
  outbox.addEventListener("kept", () => heard.push(outbox.unkept.size));

  await outbox.add(written("a"));
  await outbox.refresh();
  assert.deepEqual(ids(outbox), ["a"]);
  outbox.settle("a", 1);

  assert.deepEqual(heard, [1, 0]);
});

test("what went through before it could be kept needs no word", async () => {
  const store = new FakeStore();
  store.isForbidden = true;
  const outbox = new Outbox("ada", store, null);

  const kept = outbox.add(written("a"));
  outbox.settle("a", 1);
  await kept;

  assert.equal(outbox.unkept.size, 0);
});
