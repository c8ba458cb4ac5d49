import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const FOLDER = new URL("../../../static/js/", import.meta.url);
const TEMPLATES = new URL("../../../templates/", import.meta.url);
const LONGEST_FILE = 150;
const LONGEST_LINE = 120;

const sources = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".js"))
  .map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), "utf8") }));

/** @returns the names of the files that match, with the matching text */
function findAll(pattern) {
  return sources.flatMap(({ name, text }) => [...text.matchAll(pattern)].map((match) => `${name}: ${match[0]}`));
}

test("every static import ends with a semicolon, else its hashed path is silently not rewritten", () => {
  const imports = sources.flatMap(({ text }) => text.match(/^import .*$/gm) ?? []);

  assert.ok(imports.length > 20);
  assert.deepEqual(imports.filter((line) => !/from "\.\/[\w.]+\.js";$/.test(line)), []);
});

test("every file that is imported exists", () => {
  const names = new Set(sources.map(({ name }) => name));
  const wanted = sources.flatMap(({ text }) => [...text.matchAll(/(?:from |import\()"\.\/([\w.]+)"/g)].map((match) => match[1]));

  assert.deepEqual(wanted.filter((name) => !names.has(name)), []);
});

test("no module needs itself: names with hashes could never settle, and a type in a comment counts as well", () => {
  const needs = new Map(
    sources.map(({ name, text }) => [name, [...text.matchAll(/(?:from |import\()"\.\/([\w.]+)"/g)].map((match) => match[1])]),
  );
  const reached = (name, seen = new Set()) => {
    for (const needed of needs.get(name) ?? []) if (!seen.has(needed)) reached(needed, seen.add(needed));
    return seen;
  };

  assert.deepEqual([...needs.keys()].filter((name) => reached(name).has(name)), []);
});

// One copies what it knows, element by element; the other takes a card out of a page of our own, which Django escaped.
test("text reaches the page as text only, but for three modules that read HTML", () => {
  const found = findAll(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function/g);

  assert.deepEqual(found, ["person_card.js: DOMParser", "rich_text.js: DOMParser", "staff_notices.js: DOMParser"]);
});

test("nothing is put into the global object", () => {
  assert.deepEqual(findAll(/(?:window|globalThis|self)\.\w+ = /g), []);
});

test("what only secure pages have is never taken for granted", () => {
  assert.deepEqual(findAll(/crypto\.(?:randomUUID|subtle)(?= *\()/g), []);
});

test("a file says in its first line what it is, and stays small", () => {
  for (const { name, text } of sources) {
    assert.match(text, /^\/\*\* [^\n]+(?: \*\/)?\n/, name);
    assert.ok(text.split("\n").length <= LONGEST_FILE, `${name} is too long`);
    assert.ok(text.split("\n").every((line) => line.length <= LONGEST_LINE), `${name} has too long a line`);
  }
});

test("no two sentences have the same key", () => {
  const page = readFileSync(new URL("components/_strings.html", TEMPLATES), "utf8");
  const keys = [...page.matchAll(/data-key="([\w.]+)"/g)].map((match) => match[1]);

  assert.deepEqual(keys.filter((key, place) => keys.indexOf(key) !== place), []);
});

test("every sentence that is said is in the page's strings, and no other", () => {
  const page = readFileSync(new URL("components/_strings.html", TEMPLATES), "utf8");
  const rendered = [...page.matchAll(/data-key="([\w.]+)"/g)].map((match) => match[1]);
  const said = sources.flatMap(({ text }) => [...text.matchAll(/"([a-z]+(?:\.[a-z_]+)?)"/g)].map((match) => match[1]));
  const stems = sources.flatMap(({ text }) => [...text.matchAll(/(?:say\(`|sayCount\(")([a-z]+)(?:\.\$\{|")/g)].map((match) => match[1]));
  const isSaid = (key) => said.includes(key) || stems.includes(key.split(".")[0]);

  assert.deepEqual(rendered.filter((key) => !isSaid(key)), []);
  for (const [, key] of sources.flatMap(({ text }) => [...text.matchAll(/(?<!\.)say\("([\w.]+)"/g)])) {
    assert.ok(rendered.includes(key), `${key} is missing in the strings`);
  }
});
