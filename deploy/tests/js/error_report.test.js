import assert from "node:assert/strict";
import { test } from "node:test";

import { ErrorReporter, withoutLink } from "../../../static/js/error_report.js";

const ORIGIN = "https://chat.example.org";
const SCRIPT = `${ORIGIN}/static/js/timeline.js`;

/** @returns what is told of these events, with the means to tell more */
function told(...events) {
  const reports = [];
  const reporter = new ErrorReporter(ORIGIN, async (report) => reports.push(report));
  for (const event of events) reporter.note(event);
  return reports;
}

function thrown(facts = {}) {
  const error = { stack: `TypeError: oh\n    at draw (${SCRIPT}:10:5)` };
  return { type: "error", message: "Uncaught TypeError: oh", filename: SCRIPT, lineno: 10, colno: 5, error, ...facts };
}

function rejected(reason) {
  return { type: "unhandledrejection", reason };
}

function failed(stack, message = "oh") {
  return rejected(Object.assign(new Error(message), { stack }));
}

function missing(element) {
  return { type: "error", target: element };
}

test("an error is told with its place in the script", () => {
  assert.deepEqual(told(thrown()), [
    {
      message: "Uncaught TypeError: oh",
      file: "/static/js/timeline.js",
      line: 10,
      column: 5,
      stack: `TypeError: oh\n    at draw (${SCRIPT}:10:5)`,
    },
  ]);
});

test("what was thrown may be no error, and hold no stack", () => {
  assert.equal(told(thrown({ error: null }))[0].stack, "");
  assert.equal(told(thrown({ message: "" }))[0].message, "unknown");
});

for (const [browser, stack] of [
  ["chromium", `Error: oh\n    at draw (${SCRIPT}:10:5)\n    at ${ORIGIN}/static/js/main.js:3:7`],
  ["firefox", `draw@${SCRIPT}:10:5\n@${ORIGIN}/static/js/main.js:3:7\n`],
  ["safari", `${SCRIPT}:10:5\nmodule code@${ORIGIN}/static/js/main.js:3:7`],
]) {
  test(`a promise that nobody caught is told with the first place of its stack: ${browser}`, () => {
    const [{ message, file, line, column }] = told(failed(stack));

    assert.deepEqual([message, file, line, column], ["Error: oh", "/static/js/timeline.js", 10, 5]);
  });
}

test("a rejection that names no place is told as well", () => {
  const reports = told(rejected(undefined), rejected(null), rejected("oh"));
  const said = reports.map(({ message, file, line }) => [message, file, line]);

  assert.deepEqual(said, [
    ["undefined", "", 0],
    ["null", "", 0],
    ["oh", "", 0],
  ]);
});

test("a script or a style that is missing is told, a picture is not", () => {
  const reports = told(
    missing({ localName: "script", src: SCRIPT }),
    missing({ localName: "link", href: `${ORIGIN}/static/css/base.css` }),
    missing({ localName: "img", src: `${ORIGIN}/static/img/icon.svg` }),
  );

  assert.deepEqual(
    reports.map(({ message, file }) => [message, file]),
    [
      ["could not be loaded", "/static/js/timeline.js"],
      ["could not be loaded", "/static/css/base.css"],
    ],
  );
});

test("scripts that are not ours are not our matter", () => {
  const reports = told(
    thrown({ filename: "chrome-extension://abcdef/content.js" }),
    thrown({ filename: "https://chat.example.org.evil.example/x.js" }),
    thrown({ message: "Script error.", filename: "", error: null }),
    failed("Error: oh\n    at x (moz-extension://abcdef/content.js:1:1)"),
    failed("x@webkit-masked-url://hidden/:1:1"),
    missing({ localName: "script", src: "https://evil.example/x.js" }),
  );

  assert.deepEqual(reports, []);
});

test("the same error is told once", () => {
  assert.equal(told(thrown(), thrown({ colno: 6 }), thrown()).length, 1);
});

test("a page tells of five errors and no more", () => {
  assert.equal(told(...Array.from({ length: 9 }, (_, lineno) => thrown({ lineno }))).length, 5);
});

test("a join link is told to nobody", () => {
  const link = `${ORIGIN}/join/Zk3-q_XyB7wR0hT5uLmNpQsV2aCdEfGi`;
  const error = { stack: `at ${link}?x=1:3:7` };

  const [report] = told(thrown({ message: `no ${link}`, filename: link, error }));

  assert.deepEqual(
    [report.message, report.file, report.stack],
    [`no ${ORIGIN}/join/***`, "/join/***", `at ${ORIGIN}/join/***?x=1:3:7`],
  );
  assert.equal(withoutLink("/join/secret?next=/#x"), "/join/***?next=/#x");
});

test("no text is longer than the server takes it", () => {
  const long = "x".repeat(10_000);

  const [report] = told(thrown({ message: long, filename: `${ORIGIN}/${long}`, error: { stack: long } }));

  assert.deepEqual([report.message.length, report.file.length, report.stack.length], [500, 300, 4_000]);
});

test("what cannot be told makes no noise", async () => {
  const heard = [];
  const listen = (reason) => heard.push(reason);
  process.on("unhandledRejection", listen);
  const refused = new ErrorReporter(ORIGIN, () => Promise.reject(new Error("503")));
  const broken = new ErrorReporter(ORIGIN, () => {
    throw new Error("no fetch");
  });

  for (const reporter of [refused, broken]) {
    reporter.note(thrown());
    reporter.note(rejected(Object.create(null)));
  }
  await new Promise((resolve) => setImmediate(resolve));

  process.off("unhandledRejection", listen);
  assert.deepEqual(heard, []);
});
