/** Knows the people of one chat: names, and how far each has read. */

export class Roster {
  /** @type {Map<string, Membership>} */
  #members = new Map();

  /** @param {Membership[]} memberships */
  load(memberships) {
    memberships.forEach((membership) => this.change(membership));
  }

  /**
   * An older state of a membership never replaces a newer one.
   *
   * @param {Membership} membership
   */
  change(membership) {
    const known = this.#members.get(membership.user.id);
    if (known && known.version > membership.version) return;
    const read_seq = Math.max(known?.read_seq ?? 0, membership.read_seq ?? 0);
    this.#members.set(membership.user.id, { ...membership, read_seq });
  }

  /**
   * @param {string} user
   * @param {number} seq
   */
  read(user, seq) {
    const member = this.#members.get(user);
    if (member) member.read_seq = Math.max(member.read_seq ?? 0, seq);
  }

  /** @param {string} user */
  nameOf(user) {
    return this.#members.get(user)?.user.display_name;
  }

  /** Active members' ids. */
  active() {
    return [...this.#members.values()].filter((member) => member.state === "active").map((member) => member.user.id);
  }

  /**
   * Up to which seq somebody else has read.
   *
   * @param {string} me
   */
  readByOthers(me) {
    const others = [...this.#members.values()].filter((member) => member.user.id !== me);
    return Math.max(0, ...others.map((member) => member.read_seq ?? 0));
  }
}
