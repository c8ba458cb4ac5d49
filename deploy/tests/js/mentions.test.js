import assert from "node:assert/strict";
import { test } from "node:test";

import { callable, calls, matching, typedName } from "../../../static/js/mentions.js";

const ann = { word: "ann", name: "Ann Lee" };
const guest = { word: "Gülnara_Öz", name: "Gülnara Öz" };

test("a name is being typed between an @ and the caret", () => {
  assert.deepEqual(typedName("hi @an", 6), { start: 4, query: "an" });
  assert.deepEqual(typedName("@", 1), { start: 1, query: "" });
  assert.deepEqual(typedName("(@b c", 3), { start: 2, query: "b" });
});

test("an address is no name, nor is what was finished", () => {
  for (const text of ["ada@house", "house.org/@ada", "@ada tea", "tea", "@@a"]) assert.equal(typedName(text, text.length), null, text);
});

test("a member is called by user name, a guest by the shown name as one word", () => {
  const user = { id: "x", display_name: " Gülnara  Öz " };

  assert.equal(callable({ user, username: "gul" }).word, "gul");
  assert.equal(callable({ user, username: null }).word, "Gülnara_Öz");
});

test("offered are those of whom some name begins so", () => {
  assert.deepEqual(matching([ann, guest], "öz"), [guest]);
  assert.deepEqual(matching([ann, guest], "A"), [ann]);
  assert.deepEqual(matching([ann, guest], "x"), []);
  assert.equal(matching(Array(9).fill(ann), "").length, 6);
});

test("a message calls whom it names, everybody by all, and not its author", () => {
  const message = (user, sender = "bob") => ({ sender: { id: sender }, mentions: [{ user, text: "@x" }] });

  assert.equal(calls(message("me"), "me"), true);
  assert.equal(calls(message(null), "me"), true);
  assert.equal(calls(message("eve"), "me"), false);
  assert.equal(calls(message(null, "me"), "me"), false);
  assert.equal(calls({ sender: { id: "bob" } }, "me"), false);
});
