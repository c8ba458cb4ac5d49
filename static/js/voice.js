/** Records a voice message beside the composer: a timer, and then it goes, or is thrown away. */

import { durationText } from "./message_files.js";
import { say } from "./strings.js";

const LONGEST_MS = 3_600_000;
// In this order: what all browsers play comes first where it can be recorded.
const TYPES = ["audio/mp4", "audio/webm;codecs=opus", "audio/ogg;codecs=opus"];
const ENDINGS = /** @type {Record<string, string>} */ ({ mp4: "m4a", webm: "webm", ogg: "ogg" });

/**
 * @param {HTMLElement} form
 * @param {import("./composer.js").Composer} composer
 * @param {import("./tray.js").Tray} tray
 */
export async function record(form, composer, tray) {
  const obstacle = whyNot();
  composer.showError(obstacle);
  if (obstacle) return;
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true }).catch(() => null);
  if (!stream) {
    composer.showError(say("voice.refused"));
    return;
  }
  const recording = await recorded(stream, form);
  for (const track of stream.getTracks()) track.stop();
  if (!recording) return;
  tray.add([recording.file], { durationMs: recording.durationMs });
  composer.submit();
}

function whyNot() {
  if (!isSecureContext) return say("voice.insecure");
  return "MediaRecorder" in window && navigator.mediaDevices ? "" : say("voice.unknown");
}

/**
 * @param {MediaStream} stream
 * @param {HTMLElement} form
 * @returns {Promise<{ file: File, durationMs: number } | null>} null: thrown away
 */
async function recorded(stream, form) {
  const type = TYPES.find((one) => MediaRecorder.isTypeSupported(one));
  const recorder = new MediaRecorder(stream, type ? { mimeType: type } : {});
  /** @type {Blob[]} */
  const pieces = [];
  recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data));
  const ended = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
  recorder.start();
  const began = performance.now();
  const isWanted = await decided(form, began);
  const durationMs = Math.max(1, Math.round(performance.now() - began));
  if (recorder.state !== "inactive") recorder.stop();
  await ended;
  if (!isWanted) return null;
  const kind = /\/(\w+)/.exec(recorder.mimeType)?.[1] ?? "";
  const name = `voice-${new Date().toISOString().slice(0, 19).replace(/\D/g, "")}.${ENDINGS[kind] ?? kind}`;
  return { file: new File(pieces, name, { type: recorder.mimeType }), durationMs: Math.min(durationMs, LONGEST_MS) };
}

/**
 * @param {HTMLElement} form
 * @param {number} began
 * @returns {Promise<boolean>} whether it shall go
 */
function decided(form, began) {
  const bar = /** @type {HTMLElement} */ (form.querySelector(".composer__voice"));
  const template = /** @type {HTMLTemplateElement} */ (document.querySelector('[data-template="voice"]'));
  bar.replaceChildren(document.importNode(template.content, true));
  bar.hidden = false;
  const timer = /** @type {HTMLElement} */ (bar.querySelector("[role='timer']"));
  return new Promise((resolve) => {
    const tick = setInterval(() => {
      const passed = performance.now() - began;
      timer.textContent = durationText(passed);
      if (passed >= LONGEST_MS) decide(true);
    }, 250);
    const decide = (/** @type {boolean} */ isWanted) => {
      clearInterval(tick);
      bar.hidden = true;
      bar.replaceChildren();
      resolve(isWanted);
    };
    bar.querySelector('[data-action="send-voice"]')?.addEventListener("click", () => decide(true));
    bar.querySelector('[data-action="cancel-voice"]')?.addEventListener("click", () => decide(false));
    bar.addEventListener("keydown", ({ key }) => key === "Escape" && decide(false));
    /** @type {HTMLElement | null} */ (bar.querySelector('[data-action="send-voice"]'))?.focus();
  });
}
