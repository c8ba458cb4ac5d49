import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Draft, isUnsaved } from "../../../static/js/draft.js";
import { Kept } from "../../../static/js/kept.js";

/** @type {string[]} */
let asked;
/** @type {Kept} */
let kept;
/** What the pause ends with. @type {(() => void) | null} */
let waiting;

beforeEach(() => {
  asked = [];
  waiting = null;
  globalThis.setTimeout = /** @type {any} */ ((deed) => ((waiting = deed), 1));
  globalThis.clearTimeout = /** @type {any} */ (() => (waiting = null));
  const values = new Map();
  const storage = {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => values.set(key, value),
    removeItem: (key) => values.delete(key),
    key: (index) => [...values.keys()][index] ?? null,
    get length() {
      return values.size;
    },
  };
  kept = new Kept("ada", /** @type {any} */ (storage));
  globalThis.window = /** @type {any} */ ({ addEventListener() {} });
  globalThis.document = /** @type {any} */ ({ cookie: "csrftoken=x", querySelector: () => null });
  globalThis.fetch = /** @type {any} */ (
    async (path, { method, body }) => {
      asked.push(`${method} ${JSON.parse(body).body ?? ""}`);
      return { ok: true, json: async () => null };
    }
  );
});

async function pause() {
  waiting?.();
  await new Promise(setImmediate);
}

test("what is typed is said after a pause, once", async () => {
  const draft = new Draft("c", kept, null);

  for (const text of ["h", "he", "hey"]) draft.save(text);
  assert.deepEqual(asked, []);
  assert.ok(isUnsaved(kept, "c"));
  await pause();

  assert.deepEqual(asked, ["PUT hey"]);
  assert.ok(!isUnsaved(kept, "c"));
});

test("what was sent is no draft any more", async () => {
  const draft = new Draft("c", kept, { body: "hey", reply_to: null });

  draft.save("");
  await pause();

  assert.deepEqual(asked, ["DELETE "]);
});

test("what the server knows replaces what this device had said to it", () => {
  kept.set("draft.c", "old");
  kept.set("draft.c.state", "saved");

  assert.equal(new Draft("c", kept, { body: "new", reply_to: 3 }).load(), "new");
  assert.equal(new Draft("c", kept, { body: "new", reply_to: 3 }).replyTo, 3);
  assert.equal(new Draft("c", kept, null).load(), "");
});

test("what this device could not say stays, and is said again", async () => {
  kept.set("draft.c", "mine");

  const draft = new Draft("c", kept, { body: "theirs", reply_to: null });
  await pause();

  assert.equal(draft.load(), "mine");
  assert.deepEqual(asked, ["PUT mine"]);
});

test("nothing from elsewhere comes between what is being typed", async () => {
  const draft = new Draft("c", kept, null);
  let told = 0;
  draft.addEventListener("elsewhere", () => (told += 1));

  draft.save("mine");
  draft.heard({ body: "theirs", reply_to: null });
  await pause();
  draft.heard({ body: "mine", reply_to: null });

  assert.equal(draft.load(), "mine");
  assert.equal(told, 0);
});

test("who is not writing sees what another device has begun, and that it was sent", () => {
  const draft = new Draft("c", kept, null);
  let told = 0;
  draft.addEventListener("elsewhere", () => (told += 1));

  draft.heard({ body: "theirs", reply_to: 7 });
  assert.deepEqual([draft.load(), draft.replyTo], ["theirs", 7]);
  draft.heard(null);

  assert.equal(draft.load(), "");
  assert.equal(told, 2);
  assert.deepEqual(asked, []);
});
