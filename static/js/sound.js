/** Two short tones, made here: nothing to load. */

const TONES = [660, 880];
const EACH_S = 0.09;
const LOUDNESS = 0.08;

/** @type {AudioContext | undefined} */
let context;

/** Browsers let a page be heard once its person has pressed something there; until then it is silent. */
export function ring() {
  if (!("AudioContext" in window)) return;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
  const loudness = new GainNode(context, { gain: 0 });
  loudness.connect(context.destination);
  TONES.forEach((frequency, place) => tone(/** @type {AudioContext} */ (context), loudness, frequency, place * EACH_S));
}

/**
 * @param {AudioContext} audio
 * @param {GainNode} loudness
 * @param {number} frequency
 * @param {number} after seconds
 */
function tone(audio, loudness, frequency, after) {
  const from = audio.currentTime + after;
  const sound = new OscillatorNode(audio, { frequency });
  sound.connect(loudness);
  // Up and down without a click.
  loudness.gain.setValueAtTime(0, from);
  loudness.gain.linearRampToValueAtTime(LOUDNESS, from + EACH_S / 4);
  loudness.gain.linearRampToValueAtTime(0, from + EACH_S);
  sound.start(from);
  sound.stop(from + EACH_S);
}
