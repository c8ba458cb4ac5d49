/** Reads a QR code from a picture: by the browser itself where it can, else by a decoder that is loaded then. */

// Enough for a code that fills a third of the picture, and quick on an old phone.
const LONGEST_SIDE_PX = 720;
const FORMAT = "qr_code";

/** @typedef {(picture: HTMLVideoElement | ImageBitmap) => Promise<string>} ReadCode the text, empty without a code */

/** @returns {Promise<ReadCode>} */
export async function codeReader() {
  const Detector = /** @type {any} */ (window).BarcodeDetector;
  const formats = (await Detector?.getSupportedFormats().catch(() => [])) ?? [];
  return formats.includes(FORMAT) ? byBrowser(new Detector({ formats: [FORMAT] })) : byDecoder();
}

/** @param {any} detector @returns {ReadCode} */
function byBrowser(detector) {
  return async (picture) => (await detector.detect(picture))[0]?.rawValue ?? "";
}

/** @returns {Promise<ReadCode>} */
async function byDecoder() {
  await import("../vendor/jsqr/jsQR.js");
  const decode = /** @type {any} */ (window).jsQR;
  const canvas = document.createElement("canvas");
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  return async (picture) => {
    const [width, height] = sizeOf(picture);
    if (!width || !height) return "";
    const scale = Math.min(1, LONGEST_SIDE_PX / Math.max(width, height));
    [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return decode(data, canvas.width, canvas.height)?.data ?? "";
  };
}

/** @param {HTMLVideoElement | ImageBitmap} picture */
function sizeOf(picture) {
  return picture instanceof HTMLVideoElement
    ? [picture.videoWidth, picture.videoHeight]
    : [picture.width, picture.height];
}
