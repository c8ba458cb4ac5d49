import assert from "node:assert/strict";
import { test } from "node:test";

import { Roster } from "../../../static/js/roster.js";

function member(id, { version = 1, state = "active", read_seq } = {}) {
  return { user: { id, display_name: id.toUpperCase(), is_guest: false }, role: "member", state, version, read_seq };
}

function rosterOf(...memberships) {
  const roster = new Roster();
  roster.load(memberships);
  return roster;
}

test("people are known by their id", () => {
  assert.equal(rosterOf(member("ada")).nameOf("ada"), "ADA");
  assert.equal(rosterOf().nameOf("eve"), undefined);
});

test("who left is no longer active, and an older state does not bring them back", () => {
  const roster = rosterOf(member("ada"), member("bob"));

  roster.change(member("bob", { version: 5, state: "left" }));
  roster.change(member("bob", { version: 2 }));

  assert.equal(roster.count, 1);
});

test("read marks only grow, and an event without one keeps it", () => {
  const roster = rosterOf(member("bob", { read_seq: 7 }));

  roster.read("bob", 9);
  roster.read("bob", 8);
  roster.change(member("bob", { version: 3 }));

  assert.equal(roster.readByOthers("ada"), 9);
});

test("a mark that arrives before its reader's membership counts", () => {
  const roster = rosterOf();

  roster.read("bob", 9);
  roster.change(member("bob", { read_seq: 7 }));

  assert.equal(roster.readByOthers("ada"), 9);
});

test("one's own reading is nobody's receipt", () => {
  const roster = rosterOf(member("ada", { read_seq: 9 }), member("bob", { read_seq: 4 }));

  assert.equal(roster.readByOthers("ada"), 4);
});
