import assert from "node:assert/strict";
import { test } from "node:test";

import { pieces } from "../../../static/js/links.js";

const hrefs = (text) => pieces(text).flatMap((piece) => piece.href ?? []);
const linked = (text) => pieces(text).flatMap((piece) => (piece.href ? piece.text : []));

test("an address in a sentence is a link, the sentence's full stop is not", () => {
  assert.deepEqual(linked("See https://example.org/a?b=1#c."), ["https://example.org/a?b=1#c"]);
  assert.deepEqual(linked("Is it http://example.org?!"), ["http://example.org"]);
});

test("brackets belong to whoever opened them", () => {
  assert.deepEqual(linked("(https://example.org/a)"), ["https://example.org/a"]);
  assert.deepEqual(linked("https://example.org/a_(b)"), ["https://example.org/a_(b)"]);
  assert.deepEqual(linked("([https://example.org/])."), ["https://example.org/"]);
});

test("what is opened within an address may be closed there and no more than that", () => {
  assert.deepEqual(linked("https://a.org/((x)))))."), ["https://a.org/((x))"]);
  assert.deepEqual(linked("https://a.org/([x]))]!]"), ["https://a.org/([x])"]);
});

test("thousands of brackets and full stops cost no more than their length", () => {
  for (const tail of [")", "]", ")]", ".", ").", "..x"]) {
    const text = `http://a${tail.repeat(100_000)}`;
    assert.equal(pieces(text).map((piece) => piece.text).join(""), text);
  }
});

test("all pieces together are the text as it was typed", () => {
  const texts = [
    "",
    "no address",
    "https://a.org",
    "  https://a.org  https://b.org\n<script>alert(1)</script> https://c.org\"onclick=x",
    "қазақша https://пример.рф/путь 👋🏽",
    "http://",
  ];
  for (const text of texts) assert.equal(pieces(text).map((piece) => piece.text).join(""), text);
});

test("only web addresses become links", () => {
  for (const text of ["javascript:alert(1)", "data:text/html,x", "ftp://a.org", "xhttps:/a.org", "a.org", "file:///etc"]) {
    assert.deepEqual(hrefs(text), [], text);
  }
});

test("an address that hides its host behind a user name is left as text", () => {
  assert.deepEqual(hrefs("https://bank.example@evil.example/"), []);
  assert.deepEqual(hrefs("https://user:word@evil.example/"), []);
});

test("quotes, angle brackets and marks that turn the text around end an address", () => {
  assert.deepEqual(linked('https://a.org/"onmouseover="x'), ["https://a.org/"]);
  assert.deepEqual(linked("<https://a.org/>"), ["https://a.org/"]);
  assert.deepEqual(linked("https://a.org/\u202egpj.exe"), ["https://a.org/"]);
});

test("an address in other letters is a link", () => {
  assert.deepEqual(hrefs("https://пример.рф/"), ["https://xn--e1afmkfd.xn--p1ai/"]);
});
