import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../../../static/js/api.js";
import { Upload } from "../../../static/js/upload.js";

const PART = 4;

/** A server that keeps parts, and a network that can be cut: each of `troubles` is what the next request meets. */
class FakeServer {
  kept = "";
  asked = [];
  pauses = 0;
  troubles = [];
  size = 0;

  ways() {
    return {
      post: (path, body) => this.#answer(`POST ${path}`, () => (this.size = body.size)),
      get: (path) => this.#answer(`GET ${path}`),
      sendPart: (path, bytes, { offset }) => this.#answer(`PATCH ${offset}`, () => this.#keep(offset, bytes)),
      remove: (path) => this.#answer(`DELETE ${path}`),
      pause: async () => void (this.pauses += 1),
    };
  }

  #keep(offset, bytes) {
    if (offset !== this.kept.length) throw new ApiError(409, "wrong_offset", "");
    this.kept += bytes;
  }

  async #answer(what, deed = () => undefined) {
    this.asked.push(what);
    const trouble = this.troubles.shift();
    if (trouble && !trouble.isAfter) throw trouble;
    deed();
    if (trouble) throw trouble.isAfter;
    const state = this.size > 0 && this.kept.length === this.size ? "ready" : "uploading";
    return { id: "an-id", received: this.kept.length, chunk_bytes: PART, state };
  }
}

const OFFLINE = new ApiError(0, "offline", "");

function uploadOf(text, server, options = {}) {
  const source = { name: "a.txt", size: text.length, slice: (from, to) => text.slice(from, to) };
  return new Upload(source, { path: "/files", ways: server.ways(), ...options });
}

test("a file goes up part by part", async () => {
  const server = new FakeServer();
  const upload = uploadOf("0123456789", server);
  const shares = [];
  upload.addEventListener("changed", () => shares.push(upload.share));

  await upload.run();

  assert.equal(server.kept, "0123456789");
  assert.deepEqual(server.asked, ["POST /files", "PATCH 0", "PATCH 4", "PATCH 8"]);
  assert.deepEqual([upload.state, upload.attachment.id], ["ready", "an-id"]);
  assert.deepEqual(shares, [0, 0, 0.4, 0.8, 1]);
});

test("after a lost connection it goes on where the server has it", async () => {
  const server = new FakeServer();
  server.troubles = [undefined, undefined, OFFLINE, OFFLINE];

  await uploadOf("0123456789", server).run();

  assert.equal(server.kept, "0123456789");
  assert.deepEqual(server.asked.slice(3), ["GET /files/an-id", "GET /files/an-id", "PATCH 4", "PATCH 8"]);
  assert.equal(server.pauses, 2);
});

test("a part that was kept although its answer was lost is not sent again", async () => {
  const server = new FakeServer();
  server.troubles = [undefined, { isAfter: OFFLINE }];

  await uploadOf("0123456789", server).run();

  assert.equal(server.kept, "0123456789");
  assert.deepEqual(server.asked, ["POST /files", "PATCH 0", "GET /files/an-id", "PATCH 4", "PATCH 8"]);
});

test("a refusal is told in its words, and trying again begins anew", async () => {
  const server = new FakeServer();
  server.troubles = [new ApiError(413, "file_too_large", "A file has at most 25 MB.")];
  const upload = uploadOf("0123", server);

  await upload.run();
  assert.deepEqual([upload.state, upload.problem], ["failed", "A file has at most 25 MB."]);
  await upload.run();

  assert.equal(upload.state, "ready");
});

test("who sends too much, or finds the disk full, is told so, and not kept waiting", async () => {
  for (const trouble of [new ApiError(429, "too_many_files", "Too much."), new ApiError(503, "no_room", "No room.")]) {
    const server = new FakeServer();
    server.troubles = [trouble];
    const upload = uploadOf("0123", server);

    await upload.run();

    assert.deepEqual([upload.state, server.pauses], ["failed", 0]);
  }
});

test("what is dropped stops, and is taken back from the server", async () => {
  const server = new FakeServer();
  const upload = uploadOf("0123456789", server);
  upload.addEventListener("changed", () => upload.share > 0 && upload.state !== "dropped" && upload.drop());

  await upload.run();

  assert.equal(upload.state, "dropped");
  assert.ok(server.asked.includes("DELETE /files/an-id"));
  assert.ok(!server.asked.includes("PATCH 8"));
});

test("of a voice message its length is told", async () => {
  const server = new FakeServer();
  const bodies = [];
  const ways = server.ways();
  const post = (path, body) => (bodies.push(body), ways.post(path, body));
  const source = { name: "voice.webm", size: 2, slice: () => "ab" };

  await new Upload(source, { path: "/files", ways: { ...ways, post }, durationMs: 1500 }).run();

  assert.deepEqual(bodies, [{ name: "voice.webm", size: 2, duration_ms: 1500 }]);
});
