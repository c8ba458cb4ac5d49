/** The device's camera: the one at the back first, another if wanted, its light if it has one. */

/** @typedef {"insecure" | "denied" | "missing" | "busy"} Trouble */

/** Why there is no camera, of what the browser said. @type {Record<string, Trouble>} */
const TROUBLES = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

export class Camera {
  #video;
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {string[]} */
  #others = [];

  /** @param {HTMLVideoElement} video where it shows what it sees */
  constructor(video) {
    this.#video = video;
  }

  /** @returns {Promise<Trouble | null>} nothing when it looks */
  async open(deviceId = "") {
    // On plain http, but for localhost, there is none to ask.
    if (!navigator.mediaDevices?.getUserMedia) return isSecureContext ? "missing" : "insecure";
    this.close();
    const wanted = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: "environment" };
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    } catch (error) {
      return TROUBLES[/** @type {DOMException} */ (error).name] ?? "missing";
    }
    this.#video.srcObject = this.#stream;
    await this.#video.play();
    await this.#lookForOthers();
    return null;
  }

  close() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.#video.srcObject = null;
  }

  get hasOthers() {
    return this.#others.length > 0;
  }

  get hasTorch() {
    return Boolean(/** @type {any} */ (this.#track?.getCapabilities?.())?.torch);
  }

  /** @returns {Promise<Trouble | null>} */
  turn() {
    return this.open(this.#others[0]);
  }

  /** @param {boolean} isOn */
  async light(isOn) {
    await this.#track?.applyConstraints(/** @type {any} */ ({ advanced: [{ torch: isOn }] }));
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0];
  }

  /** In a round, beginning after the one that looks. */
  async #lookForOthers() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const ids = devices.filter(({ kind }) => kind === "videoinput").map(({ deviceId }) => deviceId);
    const here = ids.indexOf(this.#track?.getSettings().deviceId ?? "");
    this.#others = [...ids.slice(here + 1), ...ids.slice(0, Math.max(0, here))];
  }
}
