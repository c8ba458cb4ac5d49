import assert from "node:assert/strict";
import { test } from "node:test";

import { patiently } from "../../../static/js/patience.js";

/** @returns a deed that fails so many times first, and how often it was tried */
function failing(times) {
  const deed = () => (++deed.tries <= times ? Promise.reject(new Error(`try ${deed.tries}`)) : Promise.resolve("done"));
  deed.tries = 0;
  return deed;
}

test("what works is done once", async () => {
  const deed = failing(0);

  assert.equal(await patiently(deed, [1, 1]), "done");
  assert.equal(deed.tries, 1);
});

test("a bad moment is waited out", async () => {
  assert.equal(await patiently(failing(2), [1, 1]), "done");
});

test("what does not work in the end says why", async () => {
  const deed = failing(9);

  await assert.rejects(patiently(deed, [1, 1]), { message: "try 3" });
  assert.equal(deed.tries, 3);
});
