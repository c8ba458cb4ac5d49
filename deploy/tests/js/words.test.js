import assert from "node:assert/strict";
import { test } from "node:test";

import { initial } from "../../../static/js/avatar.js";
import { fill, sayCount } from "../../../static/js/strings.js";

test("places in a sentence are filled by name", () => {
  assert.equal(fill("{name} and {other} are typing…", { name: "Ada", other: "Bob" }), "Ada and Bob are typing…");
});

test("a name that looks like a place is not filled again", () => {
  assert.equal(fill("{name} is typing…", { name: "{other}", other: "x" }), "{other} is typing…");
});

test("an unknown place stays as it is", () => {
  assert.equal(fill("{nobody} came", {}), "{nobody} came");
});

test("a number is said in the form that the page's language has for it", (t) => {
  const said = { one: "{count} человек", few: "{count} человека", many: "{count} человек", other: "{count} человека" };
  const sentences = Object.fromEntries(Object.entries(said).map(([form, text]) => [`[data-key="people.${form}"]`, text]));
  const content = { querySelector: (selector) => ({ textContent: sentences[selector] }) };
  Object.assign(globalThis, { CSS: { escape: (text) => text } });
  globalThis.document = { documentElement: { lang: "ru" }, getElementById: () => ({ content }) };
  t.after(() => delete globalThis.document);

  const shown = [1, 2, 5, 11, 21, 104].map((count) => sayCount("people", count));

  assert.deepEqual(shown, ["1 человек", "2 человека", "5 человек", "11 человек", "21 человек", "104 человека"]);
});

test("an avatar shows the first letter or digit", () => {
  assert.equal(initial("«Әлия»"), "Ә");
  assert.equal(initial("  7 days"), "7");
});

test("a name without letters shows its first character, whole", () => {
  assert.equal(initial("👋🏽"), "👋");
  assert.equal(initial(""), "");
});
