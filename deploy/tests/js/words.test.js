import assert from "node:assert/strict";
import { test } from "node:test";

import { initial } from "../../../static/js/avatar.js";
import { fill } from "../../../static/js/strings.js";

test("places in a sentence are filled by name", () => {
  assert.equal(fill("{name} and {other} are typing…", { name: "Ada", other: "Bob" }), "Ada and Bob are typing…");
});

test("a name that looks like a place is not filled again", () => {
  assert.equal(fill("{name} is typing…", { name: "{other}", other: "x" }), "{other} is typing…");
});

test("an unknown place stays as it is", () => {
  assert.equal(fill("{nobody} came", {}), "{nobody} came");
});

test("an avatar shows the first letter or digit", () => {
  assert.equal(initial("«Әлия»"), "Ә");
  assert.equal(initial("  7 days"), "7");
});

test("a name without letters shows its first character, whole", () => {
  assert.equal(initial("👋🏽"), "👋");
  assert.equal(initial(""), "");
});
