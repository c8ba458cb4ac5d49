import assert from "node:assert/strict";
import { test } from "node:test";

import { afterClose, parseFrame, socketUrl } from "../../../static/js/protocol.js";

test("a frame is an array of items", () => {
  const items = parseFrame('[{"type":"pong"},{"type":"hello","chats":{}}]');

  assert.deepEqual(items.map((item) => item.type), ["pong", "hello"]);
});

test("what is no array of typed items is worth nothing and ends nothing", () => {
  for (const text of ["", "no json", "{}", '{"type":"pong"}', "null", "7"]) assert.deepEqual(parseFrame(text), []);
  assert.deepEqual(parseFrame(new ArrayBuffer(4)), []);
});

test("an item without a type does not take its neighbours with it", () => {
  assert.deepEqual(parseFrame('[null, 3, {"no":"type"}, {"type":5}, {"type":"pong"}]'), [{ type: "pong" }]);
});

test("codes from 4000 to 4499 and the network's own come back", () => {
  for (const code of [1000, 1006, 1012, 4000, 4001, 4008, 4029, 4499]) {
    assert.equal(afterClose(code).comesBack, true, String(code));
  }
});

test("codes from 4500 to 4999 stay away and say why", () => {
  for (const code of [4500, 4501, 4503, 4504, 4505, 4999]) assert.equal(afterClose(code).comesBack, false, String(code));
  assert.equal(afterClose(4501).reason, "signed_out");
  assert.equal(afterClose(4503).reason, "banned");
  assert.equal(afterClose(4504).reason, "session_ended");
  assert.equal(afterClose(4999).reason, "stopped");
});

test("the socket stands on the page's own origin, as safe as the page", () => {
  assert.equal(socketUrl({ protocol: "http:", host: "192.168.1.5:8000" }), "ws://192.168.1.5:8000/ws");
  assert.equal(socketUrl({ protocol: "https:", host: "chat.example.org" }), "wss://chat.example.org/ws");
});
