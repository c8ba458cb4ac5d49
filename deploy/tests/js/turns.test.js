import assert from "node:assert/strict";
import { test } from "node:test";

import { inTurn } from "../../../static/js/turns.js";

/** The browser's locks, as far as they are needed here. */
class FakeLocks {
  #free = Promise.resolve();

  request(name, options, deed) {
    const done = this.#free.then(deed);
    this.#free = done.catch(() => undefined);
    return done;
  }
}

test("one after the other", async () => {
  const locks = new FakeLocks();
  const heard = [];
  const deed = (name) => async () => {
    heard.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    heard.push(`${name} ends`);
  };

  await Promise.all([inTurn("x", deed("one"), locks), inTurn("x", deed("two"), locks)]);

  assert.deepEqual(heard, ["one begins", "one ends", "two begins", "two ends"]);
});

test("a tab that was stopped while it had its turn is not waited for for ever", async (context) => {
  context.mock.method(AbortSignal, "timeout", () => AbortSignal.abort());
  const locks = { request: async (_, { signal }) => signal.throwIfAborted() };
  const deed = context.mock.fn(async () => undefined);

  await inTurn("x", deed, locks);

  assert.equal(deed.mock.callCount(), 1);
});

test("without locks, as on plain http, it is done at once", async (context) => {
  const deed = context.mock.fn(async () => undefined);

  await inTurn("x", deed, null);

  assert.equal(deed.mock.callCount(), 1);
});

test("what fails is not done a second time", async (context) => {
  const deed = context.mock.fn(async () => {
    throw new Error("broken");
  });

  await assert.rejects(inTurn("x", deed, new FakeLocks()), /broken/);

  assert.equal(deed.mock.callCount(), 1);
});
