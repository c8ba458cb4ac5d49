/** The parts of an open chat, as chat.js puts them together; ambient, so that no module names the one that made it. */

interface ChatParts {
  store: import("./timeline_store.js").TimelineStore;
  timeline: import("./timeline.js").Timeline;
  scroll: import("./scroll.js").ScrollKeeper;
  history: import("./history.js").History;
  /** Absent where nothing can be written. */
  composer: import("./composer.js").Composer | null;
  typing: import("./typing.js").Typing;
  roster: import("./roster.js").Roster;
  pins: import("./pinned_bar.js").PinnedBar;
  marks: import("./read_marks.js").ReadMarks;
}
