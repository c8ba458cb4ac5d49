import assert from "node:assert/strict";
import { test } from "node:test";

import { dayKey, dayName, listTime, timeToTheMinute } from "../../../static/js/time.js";

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
  assert.equal(dayName("2026-11-20", "2026-11-22", "ru"), "Пятница, 20 ноября");
});

test("Kazakh is said whole, also by browsers that have no words for it", () => {
  const noon = new Date(2026, 10, 20, 12, 0);

  assert.equal(dayName("2026-11-20", "2026-11-22", "kk"), "20 қараша, жұма");
  assert.equal(dayName("2025-05-03", "2026-11-22", "kk"), "2025 ж. 3 мамыр, сенбі");
  assert.equal(listTime(noon, "2026-11-22", "kk"), "20 қар.");
  assert.equal(listTime(noon, "2027-01-02", "kk"), "2026 ж. 20 қар.");
});

test("the list shows the clock today and the date before", () => {
  const noon = new Date(2026, 10, 22, 12, 0);

  assert.match(listTime(noon, "2026-11-22", "en-GB"), /^12:00$/);
  assert.match(listTime(noon, "2026-11-25", "en-GB"), /^22 Nov$/);
});

test("a moment of another day is said with its date", () => {
  const noon = new Date(2026, 10, 22, 12, 0).toISOString();

  assert.match(timeToTheMinute(noon, "2026-11-22", "en-GB"), /^12:00$/);
  assert.match(timeToTheMinute(noon, "2026-11-20", "en-GB"), /^22 Nov, 12:00$/);
});
