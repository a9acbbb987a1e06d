// @ts-check
// Sets up the timeline and its scrolling.

import { boot } from "../state/boot.js";
import { watchDay } from "../ui/dates.js";
import { History } from "../sync/history.js";
import { Jump } from "../sync/jump.js";
import { Notifier } from "../notify/notifier.js";
import { PendingRows } from "../outbox/pending-rows.js";
import { ReadMarker } from "../sync/read-marker.js";
import { ReadReceipts } from "./read-receipts.js";
import { Scroll } from "./scroll.js";
import { Timeline } from "./timeline.js";
import { Unread } from "./unread.js";

/** @param {App} app */
export function setupTimeline(app) {
  const { rooms, room, connection } = app;
  const list = document.getElementById("messages");
  const box = document.getElementById("timeline");
  /** Something came into sight, or may have. */
  const visibleChanged = () => {
    lookAtDay();
    unread.scrolled();
    readMarker.update();
  };
  /** Other messages of the room are here than before. */
  const messagesChanged = () => {
    readReceipts.draw();
    visibleChanged();
  };

  const scroll = new Scroll({ box, list, moved: visibleChanged });
  const cancel = (/** @type {Nonce} */ nonce) => {
    const { content, reply } = app.outbox.discard(nonce) ?? {};
    const answered = reply && timeline.get(reply.id);
    if (answered) app.replying.start(answered);
    if (content) app.composer.putBack(content);
    else app.composer.focus();
  };
  const pendingRows = new PendingRows({ list, act: { cancel, retry: (nonce) => app.outbox.retry(nonce), discard: (nonce) => app.outbox.discard(nonce) } });
  const timeline = new Timeline({
    list, extras: boot.extras, torn: boot.newer, scroll, pendingRows,
    hooks: { again: (words) => app.composer.putBack(words), forgot: () => { history.more = true; } },
  });
  const readMarker = new ReadMarker({ connection, rooms, room, scroll, timeline });
  const history = new History({ box, timeline, scroll, room: room.id, more: boot.more, moved: messagesChanged });
  const jump = new Jump({ timeline, scroll, history, arrived: messagesChanged });
  const notifier = new Notifier({ open: ({ id }) => app.router.go(id) });
  const unread = new Unread({ timeline, scroll, jump: () => jump.newest(), notifier, room, rooms });
  const readReceipts = new ReadReceipts({
    timeline,
    who: (id) => {
      const person = app.people.get(id);
      if (!person) app.members.load();
      return person;
    },
  });
  const lookAtDay = watchDay(() => timeline.redate());
  Object.assign(app, { list, scroll, pendingRows, timeline, readMarker, history, jump, notifier, unread, readReceipts, visibleChanged, messagesChanged });
}
