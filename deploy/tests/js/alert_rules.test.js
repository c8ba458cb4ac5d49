import assert from "node:assert/strict";
import { test } from "node:test";

import { isQuiet, isWanted, timeIn } from "../../../static/js/alert_rules.js";

const NOW = Date.parse("2026-07-01T01:30:00Z");
const LATER = "2026-07-01T01:31:00Z";
const BEFORE = "2026-07-01T01:29:00Z";

for (const [notify, muted_until, ofAll, ofMentions] of [
  ["all", null, true, true],
  ["mentions", null, false, true],
  ["nothing", null, false, false],
  ["all", BEFORE, true, true],
  ["all", LATER, false, false],
  ["mentions", LATER, false, false],
]) {
  test(`${notify}, muted until ${muted_until}`, () => {
    assert.equal(isWanted({ notify, muted_until }, { isMention: false, now: NOW }), ofAll);
    assert.equal(isWanted({ notify, muted_until }, { isMention: true, now: NOW }), ofMentions);
  });
}

for (const [quiet_from, quiet_until, time, quiet] of [
  ["", "", "23:00", false],
  ["22:00", "07:00", "23:00", true],
  ["22:00", "07:00", "06:59", true],
  ["22:00", "07:00", "07:00", false],
  ["12:00", "13:00", "12:30", true],
  ["12:00", "13:00", "13:00", false],
]) {
  test(`${time} between ${quiet_from} and ${quiet_until}`, () => {
    assert.equal(isQuiet({ quiet_from, quiet_until }, time), quiet);
  });
}

test("the hour is that of the person's zone", () => {
  assert.equal(timeIn("Asia/Almaty", NOW), "06:30");
  assert.equal(timeIn("UTC", NOW), "01:30");
});
