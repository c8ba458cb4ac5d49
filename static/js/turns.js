/** Lets the tabs of one browser take turns, where the browser arranges that. */

// Some phones stop a tab that holds its turn. What is done here must bear being done twice, and is only spared it.
const PATIENCE_MS = 2_000;

/**
 * Do something when no other tab does it; after a while, and on plain http where there are no locks, do it anyway.
 *
 * @param {string} name
 * @param {() => Promise<void>} deed
 * @param {LockManager | null} [locks]
 * @returns {Promise<void>}
 */
export async function inTurn(name, deed, locks = navigator.locks) {
  if (!locks) return deed();
  let hasBegun = false;
  const turn = () => {
    hasBegun = true;
    return deed();
  };
  try {
    await locks.request(name, { signal: AbortSignal.timeout(PATIENCE_MS) }, turn);
  } catch (error) {
    if (hasBegun) throw error;
    await deed();
  }
}
