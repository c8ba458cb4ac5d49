/** Tries again what a bad moment of the network spoiled. */

const PAUSES_MS = [1_000, 4_000];

/**
 * @template T
 * @param {() => Promise<T>} deed
 * @param {number[]} [pausesMs] before each further try
 * @returns {Promise<T>}
 */
export async function patiently(deed, pausesMs = PAUSES_MS) {
  try {
    return await deed();
  } catch (error) {
    if (pausesMs.length === 0) throw error;
    await new Promise((resolve) => setTimeout(resolve, pausesMs[0]));
    return patiently(deed, pausesMs.slice(1));
  }
}
