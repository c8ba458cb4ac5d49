import assert from "node:assert/strict";
import { test } from "node:test";

import { CommandError, Commands } from "../../../static/js/commands.js";

test("an ack resolves the command with its ref, and no other", async () => {
  const commands = new Commands();
  const first = commands.ask();
  const second = commands.ask();

  commands.answer({ type: "ack", ref: second.ref, seq: 2 });
  commands.answer({ type: "ack", ref: first.ref, seq: 1 });

  assert.equal((await first.answer).seq, 1);
  assert.equal((await second.answer).seq, 2);
});

test("an error rejects with its code and its sentence", async () => {
  const commands = new Commands();
  const { ref, answer } = commands.ask();

  commands.answer({ type: "error", ref, code: "chat_over", message: "This chat is over." });

  await assert.rejects(answer, { code: "chat_over", sentence: "This chat is over.", isPassing: false });
});

test("when the socket goes, everybody who waits is told to ask again", async () => {
  const commands = new Commands();
  const answers = [commands.ask().answer, commands.ask().answer];

  commands.dropAll();

  for (const answer of answers) await assert.rejects(answer, { code: "offline", isPassing: true });
});

test("silence ends in a timeout", async () => {
  const { answer } = new Commands(5).ask();

  await assert.rejects(answer, { code: "timeout", isPassing: true });
});

test("an answer that nobody waits for is ignored", () => {
  const commands = new Commands();

  commands.answer({ type: "ack", ref: "7" });
  commands.answer({ type: "error", ref: null, code: "malformed" });
});

test("a refusal that names a time may pass, whatever its code", () => {
  assert.equal(new CommandError("slow_mode", "Wait.", 5).isPassing, true);
  assert.equal(new CommandError("too_many").isPassing, true);
  assert.equal(new CommandError("not_a_member").isPassing, false);
});
