import assert from "node:assert/strict";
import { test } from "node:test";

import { dayKey, dayName, listTime } from "../../../static/js/time.js";

test("a day begins at the reader's midnight, not at the server's", () => {
  assert.equal(dayKey("2026-11-22T20:30:00Z", "Asia/Almaty"), "2026-11-23");
  assert.equal(dayKey("2026-11-22T20:30:00Z", "UTC"), "2026-11-22");
  assert.equal(dayKey("2026-11-22T02:30:00Z", "America/New_York"), "2026-11-21");
});

test("near days are named, far ones dated", () => {
  assert.equal(dayName("2026-11-22", "2026-11-22", "en"), "Today");
  assert.equal(dayName("2026-11-21", "2026-11-22", "en"), "Yesterday");
  assert.match(dayName("2026-11-20", "2026-11-22", "en-GB"), /^Friday,? 20 November$/);
  assert.match(dayName("2025-11-20", "2026-11-22", "en-GB"), /2025$/);
});

test("days are named in the page's language", () => {
  assert.equal(dayName("2026-11-21", "2026-11-22", "ru"), "Вчера");
  assert.equal(dayName("2026-11-21", "2026-11-22", "kk"), "Кеше");
});

test("the list shows the clock today and the date before", () => {
  const noon = new Date(2026, 10, 22, 12, 0);

  assert.match(listTime(noon, "2026-11-22", "en-GB"), /^12:00$/);
  assert.match(listTime(noon, "2026-11-25", "en-GB"), /^22 Nov$/);
});
