/** Takes out of an open chat what was kept for long enough, and is gone for good. */

/**
 * @param {ChatParts} parts
 * @param {number} below the first message that stays
 */
export function forgetPruned({ scroll, timeline, membershipLog, pins }, below) {
  scroll.during(() => {
    timeline.forget(below);
    membershipLog?.forget(below);
  });
  pins?.forget(below);
}
