import assert from "node:assert/strict";
import { test } from "node:test";

import { readScanned } from "../../../static/js/scanned.js";

const HERE = "https://chat.example.org";
const ORIGINS = [HERE, "http://192.0.2.7:8000"];

test("a code of this house leads to its path, by whichever of its addresses it was made", () => {
  assert.deepEqual(readScanned(`${HERE}/join/abc-DEF_123`, ORIGINS), { path: "/join/abc-DEF_123" });
  assert.deepEqual(readScanned("http://192.0.2.7:8000/device/xyz", ORIGINS), { path: "/device/xyz" });
});

for (const text of [
  "https://evil.example/join/abc",
  "https://chat.example.org.evil.example/join/abc",
  "https://chat.example.org@evil.example/join/abc",
  "https://user@chat.example.org/join/abc",
  "http://chat.example.org/join/abc",
  "https://chat.example.org:8443/join/abc",
  `${HERE}/logout`,
  `${HERE}/recover/abc`,
  `${HERE}/join/`,
  `${HERE}/join/abc/../../logout`,
  `${HERE}/join/abc?next=//evil.example`,
  `${HERE}/join/abc#x`,
  `${HERE}//evil.example/join/abc`,
  "javascript:alert(1)",
  "WIFI:S:cafe;T:WPA;P:secret;;",
  "/join/abc",
  "",
]) {
  test(`what else a code says is text: ${text}`, () => {
    assert.deepEqual(readScanned(text, ORIGINS), { text });
  });
}
