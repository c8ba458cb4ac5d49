import assert from "node:assert/strict";
import { test } from "node:test";

import { hindrance, jsonOf, optionsOf, toBytes, toText } from "../../../static/js/credentials.js";

const ALL = Uint8Array.from({ length: 256 }, (_, byte) => byte);

test("bytes become base64url without padding, and bytes again", () => {
  for (let length = 0; length <= ALL.length; length += 1) {
    const bytes = ALL.slice(0, length);
    const text = toText(bytes);
    assert.match(text, /^[\w-]*$/);
    assert.deepEqual(toBytes(text), bytes);
  }
});

test("both signs that base64 has otherwise", () => {
  assert.equal(toText(Uint8Array.of(0xfb, 0xff)), "-_8");
  assert.deepEqual(toBytes("-_8"), Uint8Array.of(0xfb, 0xff));
});

test("what the server asks has bytes where the browser wants them, and all else as it was", () => {
  const { publicKey } = optionsOf({
    publicKey: {
      rp: { id: "x" },
      challenge: "AQI",
      user: { id: "Aw", name: "ada" },
      excludeCredentials: [{ type: "public-key", id: "BA" }],
    },
  });

  assert.deepEqual(publicKey, {
    rp: { id: "x" },
    challenge: Uint8Array.of(1, 2),
    user: { id: Uint8Array.of(3), name: "ada" },
    excludeCredentials: [{ type: "public-key", id: Uint8Array.of(4) }],
  });
});

test("a question that names nobody stays without names", () => {
  assert.deepEqual(optionsOf({ publicKey: { challenge: "AQ", rpId: "x" } }), {
    publicKey: { challenge: Uint8Array.of(1), rpId: "x" },
  });
});

test("an answer is told with the parts that it has", () => {
  const bytes = Uint8Array.of(255).buffer;
  const shown = { clientDataJSON: bytes, authenticatorData: bytes, signature: bytes, userHandle: null };

  assert.deepEqual(jsonOf({ id: "_w", rawId: bytes, type: "public-key", response: shown, other: 1 }), {
    id: "_w",
    rawId: "_w",
    type: "public-key",
    response: { clientDataJSON: "_w", authenticatorData: "_w", signature: "_w" },
  });
});

test("where passkeys do not work, it is said why", () => {
  const good = { isSecure: true, isKnown: true, host: "localhost" };
  assert.equal(hindrance(good), "");
  assert.equal(hindrance({ ...good, isSecure: false }), "passkey.insecure");
  assert.equal(hindrance({ ...good, host: "127.0.0.1" }), "passkey.no_name");
  assert.equal(hindrance({ ...good, host: "[::1]" }), "passkey.no_name");
  assert.equal(hindrance({ ...good, isKnown: false }), "passkey.unknown");
});
