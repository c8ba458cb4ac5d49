import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Typing } from "../../../static/js/typing.js";

const SENTENCES = { "typing.one": "{name} is typing…", "typing.two": "{name} and {other} are typing…" };

function typing() {
  const names = new Map();
  const element = { textContent: "" };
  return { names, element, typing: new Typing({ element, tell: () => undefined, nameOf: (user) => names.get(user) }) };
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.CSS = { escape: (text) => text };
  const sentenceOf = (selector) => ({ textContent: SENTENCES[selector.match(/"(.*)"/)[1]] });
  globalThis.document = { getElementById: () => ({ content: { querySelector: sentenceOf } }) };
});

test("whose name is not known yet is not shown until it is", () => {
  const { names, element, typing: line } = typing();

  line.started("1");
  assert.equal(element.textContent, "");
  names.set("1", "Ada");
  line.show();

  assert.equal(element.textContent, "Ada is typing…");
});

test("two who type are both named, and one whose notices stop is not any more", () => {
  const { names, element, typing: line } = typing();
  names.set("1", "Ada").set("2", "Bob");

  line.started("1");
  mock.timers.tick(4_000);
  line.started("2");
  assert.equal(element.textContent, "Ada and Bob are typing…");
  mock.timers.tick(3_000);

  assert.equal(element.textContent, "Bob is typing…");
});
