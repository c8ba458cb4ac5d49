import assert from "node:assert/strict";
import { test } from "node:test";

import { Kept } from "../../../static/js/kept.js";

/** What localStorage is, without a browser. */
class FakeStorage {
  #texts = new Map();
  get length() {
    return this.#texts.size;
  }
  key(index) {
    return [...this.#texts.keys()][index] ?? null;
  }
  getItem(key) {
    return this.#texts.get(key) ?? null;
  }
  setItem(key, text) {
    this.#texts.set(key, text);
  }
  removeItem(key) {
    this.#texts.delete(key);
  }
}

test("what was kept is there again after a reload", () => {
  const storage = new FakeStorage();
  new Kept("ada", storage).set("draft.c", "hel");

  assert.equal(new Kept("ada", storage).get("draft.c"), "hel");
});

test("another person on the same device finds nothing, and nothing stays", () => {
  const storage = new FakeStorage();
  new Kept("ada", storage).set("draft.c", "secret");

  assert.equal(new Kept("bob", storage).get("draft.c"), null);
  assert.equal(storage.length, 0);
});

test("a login page in between does not throw away what waits for its author", () => {
  const storage = new FakeStorage();
  new Kept("ada", storage).set("draft.c", "unsent");

  new Kept("", storage);

  assert.equal(new Kept("ada", storage).get("draft.c"), "unsent");
});

test("logging out leaves nothing of ours, and everything of others", () => {
  const storage = new FakeStorage();
  storage.setItem("theme", "dark");
  const kept = new Kept("ada", storage);
  kept.set("draft.c", "text");

  kept.clear();

  assert.deepEqual([storage.length, storage.key(0)], [1, "theme"]);
});

test("an empty text is no text", () => {
  const storage = new FakeStorage();
  const kept = new Kept("ada", storage);
  kept.set("draft.c", "text");

  kept.set("draft.c", "");

  assert.equal(storage.length, 0);
});

test("a full or forbidden storage stops nobody", () => {
  const full = new FakeStorage();
  full.setItem = () => {
    throw new Error("QuotaExceededError");
  };

  new Kept("ada", full).set("draft.c", "text");
  new Kept("ada", null).set("draft.c", "text");

  assert.equal(new Kept("ada", null).get("draft.c"), null);
});
