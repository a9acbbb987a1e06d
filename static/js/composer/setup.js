// @ts-check
// Sets up the composer and the outbox.

import { Attaching } from "../files/attaching.js";
import { Composer } from "./composer.js";
import { Editing } from "./editing.js";
import { Outbox } from "../outbox/outbox.js";
import { OutboxView } from "../outbox/outbox-view.js";
import { Replying } from "./replying.js";
import { SlowMode } from "./slow-mode.js";
import { Typing } from "./typing.js";
import { WritingAids } from "./writing-aids.js";
import { VoiceButton } from "../voice/voice-button.js";
import { lazy, needed } from "../ui/lazy.js";
import { loadMedia } from "../ui/media.js";

/** @param {App} app */
export function setupComposer(app) {
  const { rooms, room, connection, timeline, scroll, pendingRows, people, members, unread, jump } = app;
  /** @param {Entry} entry */
  const edit = (entry) => editing.start(entry, timeline.words(entry));
  /** An edit has failed: its words are not lost.
   *  @param {number} id
   *  @param {string} words */
  const giveBack = (id, words) => {
    const entry = timeline.get(id);
    if (entry && !entry.recalled && composer.isFree) editing.start(entry, entry.content, words);
    else composer.putBack(words);
  };
  /** Who is known here: who spoke last, then who else may be met. */
  const near = () => [...timeline.speakers(), ...members.known, ...people.known];

  const transfers = lazy(() => Promise.all([import("../files/transfers.js"), loadMedia()]), ([{ Transfers }]) => new Transfers({
    changed: (file, lasting) => {
      outbox.fileChanged(file, lasting);
      attaching.fileChanged(file, lasting);
    },
  }));
  const outbox = new Outbox({
    transfers, tray: (item) => attaching.restore(item),
    connection, room: room.id, known: (id) => rooms.get(id) !== undefined, lost: (id) => app.openRoom.giveBack(id),
    rows: new OutboxView({ scroll, pendingRows, timeline, giveBack, nameOf: (id) => rooms.get(id)?.name ?? "" }),
  });
  const typing = new Typing({ connection, room });
  const writing = new WritingAids({ room, near });
  const attaching = new Attaching({ room, outbox, transfers, changed: () => composer.attachedChanged() });
  /** @param {string} words
   *  @param {Parameters<Outbox["add"]>[2]} [files] */
  const send = (words, files) => {
    unread.ownMessageSent();
    jump.newest();
    outbox.add(words, replying.take(), files);
    typing.sent();
  };
  const voiceButton = new VoiceButton({
    load: lazy(() => Promise.all([import("../voice/recording.js"), loadMedia(), needed(transfers())]), ([{ Recording }]) => new Recording({
      room, rooms, outbox, send: (files) => send("", files), hush: () => app.player?.stop(),
    })),
  });
  const composer = new Composer({
    room: room.id, full: () => outbox.full, attached: () => attaching.any, attaching: () => attaching.coming, typed: () => typing.typed(), changed: () => writing.changed(),
    send: (words) => send(words, attaching.take()),
    up: () => {
      const last = timeline.last((entry) => !entry.recalled && app.actions.may("edit", entry));
      if (last) edit(last);
      return last;
    },
  });
  const slowMode = new SlowMode({ rooms, show: (id, until) => id === room.id && composer.pauseUntil(until) });
  const replying = new Replying({ room: room.id, find: (id) => timeline.get(id) });
  const editing = new Editing({
    composer, save: (id, words) => outbox.edit(id, words),
    // What was being said waits: there is one place for both.
    begun: () => voiceButton.leave(),
    ended: () => voiceButton.enter(),
  });
  Object.assign(app, { outbox, typing, composer, attaching, voiceButton, slowMode, replying, editing, edit });
}
