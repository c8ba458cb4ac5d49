import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { watchReports } from "../../../static/js/reports.js";

/** @type {number[]} */
let counts;
let answer;
let connection;

beforeEach(() => {
  counts = [];
  answer = { ok: true, json: async () => ({ waiting: 7 }) };
  globalThis.fetch = async () => answer;
  globalThis.document = { cookie: "", querySelector: () => null, getElementById: () => null, documentElement: {} };
  connection = new EventTarget();
  watchReports({ connection, queue: "/admin/chat_svc/report/", onCount: (waiting) => counts.push(waiting) });
});

async function told(item) {
  connection.dispatchEvent(new CustomEvent("item", { detail: item }));
  await new Promise((resolve) => setImmediate(resolve));
}

test("what was missed while away is made up for by asking", async () => {
  await told({ type: "hello" });

  assert.deepEqual(counts, [7]);
});

test("who may not ask has none", async () => {
  answer = { ok: false, status: 403, json: async () => ({ error: { code: "not_staff" } }) };

  await told({ type: "hello" });

  assert.deepEqual(counts, [0]);
});

for (const type of ["report.created", "report.escalated", "reports.changed"]) {
  test(`${type} says how many wait now`, async () => {
    await told({ type, waiting: 3 });

    assert.deepEqual(counts, [3]);
  });
}

test("other news is none of reports", async () => {
  await told({ type: "message.created", waiting: 3 });

  assert.deepEqual(counts, []);
});
