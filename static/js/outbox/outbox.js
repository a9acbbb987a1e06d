// @ts-check
// The outbox: messages and changes that the server has not acknowledged yet, in all rooms. One thing is under way at a time, so that the order is
// kept; each keeps its nonce, so that sending it again after a lost connection changes nothing. Knows no DOM: it tells its `rows`
// what happened in the room that is open.

import { serverNow } from "../ui/dates.js";
import { CHANGE, SEND } from "../net/socket.js";
import { newNonce } from "../net/nonce.js";
import { session } from "../state/session.js";
import { OutboxDb, isFor } from "./outbox-db.js";
import { isWhole, sameFiles, wantedFiles } from "./item-files.js";
import { fileWord, say } from "../ui/i18n.js";

/** More than this waiting is refused: the person should know that nothing goes out. */
const MOST = 50;
/** No answer for so long: the connection is not what it seems. */
const ANSWER_MS = 15_000;
/** So often something goes without an answer, or into a store that fails with it: then it is what is wrong, and not the line. */
const TRIES = 4;
/** What may be so because of the one thing that was sent, however long one waits. */
const SUSPECT = new Set(["not_saved", "internal"]);
/** What is not in the store and goes again by itself: the server's words for it are for whoever has to do that. */
const UNSAVED = new Set(["not_saved", "store_away"]);
/** What is said of a frame that could not be read; one that says no more is about what is under way. */
const UNREAD = new Set(["bad_frame", "bad_data", "unknown_type"]);
/** A "not so fast" up to this many seconds is waited for; a longer one is shown as a failure. */
const PATIENCE_S = 30;

export class Outbox {
  #connection;
  #room;
  #rows;
  #author = session.me.id;
  #known;
  #lost;
  #kept;
  #transfers;
  #tray;
  /** @type {OutboxItem[]} */
  #items = [];
  /** @type {number | undefined} */
  #timer;
  /** @type {Map<number, number>} */
  #resting = new Map();
  #restored = false;
  #restoring = false;

  /** An item is `{nonce, room, author, content, at, reply?, edits?, does?, tries?, why?}`: `reply` is the message that it answers, with its
   *  author; `edits` is the one that it changes, where `content` null takes it back and `does` is what it puts there or takes away; `tries` counts those in vain, `why` is what the server minded. `room` is the one that is open.
   *  `known(room)` is whether I know of it; `lost(room)` hears that something was to go to one that is not there. `transfers()` fetches what
   *  brings files to the server, `tray(item)` takes files that an earlier page had chosen and not sent.
   *  @param {Pick<App, "connection"> & { room: number, rows: OutboxView, known: (room: number) => boolean, lost: (room: number) => void,
   *    transfers: () => Promise<Transfers | undefined>, tray: (item: OutboxItem) => void }} parts */
  constructor({ connection, room, rows, known, lost, transfers, tray }) {
    this.#transfers = transfers;
    this.#tray = tray;
    this.#known = known;
    this.#lost = lost;
    this.#connection = connection;
    this.#room = room;
    this.#rows = rows;
    session.subscribe(() => this.#become(session.me.id));
    this.#kept = new OutboxDb({ gone: (nonce, ack) => this.#settle(nonce, ack) });
  }

  /** Another room is open: its rows are drawn anew. What waits for other rooms goes out all the same.
   *  @param {number} room */
  enter(room) {
    this.#room = room;
    for (const item of this.#items.filter((each) => each.room === room)) this.#show(item);
  }

  /** Takes up what was left behind by pages that are no more. Nothing goes out before the first look, so that the order is kept. */
  async restore() {
    if (this.#restoring) return;
    this.#restoring = true;
    for (const record of await this.#kept.take(this.#author, MOST - this.#items.length)) {
      if (this.#find(record.nonce)) continue;
      if (record.tray) {
        this.#tray(record);
        continue;
      }
      const item = this.#own({ ...record, content: record.content?.toWellFormed() ?? record.content, tried: true });
      // One that got through before its page ended stands in the timeline: the same again brings its ack.
      if (item.room === this.#room && !item.why && item.edits === undefined) {
        item.shown = this.#rows.here(item, this.#items.map(({ shown }) => shown));
      }
      this.#put(item);
    }
    for (const item of this.#items) this.#bring(item);
    this.#restoring = false;
    this.#restored = true;
    this.flush();
  }

  /** I am another now. What I may still see of what was written before waits for my word; the rest is kept for its author.
   *  @param {string} author */
  #become(author) {
    if (author === this.#author) return;
    this.#author = author;
    for (const item of this.#items.splice(0)) {
      const mine = isFor(author, item);
      this.#each(item, (transfers, file) => (mine ? transfers.stop(file) : transfers.leave(file)));
      if (mine) this.#put(this.#own(item));
      else this.#tell("discarded", item);
    }
  }

  /** How many are not yet with the server, without the failed ones. */
  get unsent() {
    return this.#items.filter((item) => !item.why && !item.shown).length;
  }

  get full() {
    return this.#items.length >= MOST;
  }

  /** `tray` has files that go with it, and the nonce that they are kept under.
   *  @param {string} content
   *  @param {Answered} [reply]
   *  @param {Pick<OutboxItem, "nonce" | "files">} [tray] */
  add(content, reply, tray) {
    this.#write({ content, reply, ...tray });
  }

  /** Keeps files that are chosen and not sent.
   *  @param {OutboxItem} tray */
  keepTray(tray) {
    this.#kept.put(tray);
  }

  /** @param {Nonce} nonce */
  dropTray(nonce) {
    this.#kept.drop(nonce);
  }

  /** Something of a file is another now; `lasting`: it is to be kept.
   *  @param {LocalFile} file
   *  @param {boolean} lasting */
  fileChanged(file, lasting) {
    const item = this.#items.find(({ files }) => files?.includes(file));
    if (!item) return;
    if (lasting) this.#kept.put(item);
    if (item.why) return;
    if (file.problem) return this.#fail(item, item.files.length > 1 ? `${file.name}: ${file.problem.message}` : file.problem.message);
    this.#tell("progressed", item);
    this.flush();
  }

  /** @param {number} id
   *  @param {string | null} content */
  edit(id, content) {
    // What never left is replaced, not sent before these words.
    for (const { nonce } of this.#items.filter((item) => item.edits === id && !item.does && !item.tried)) this.discard(nonce);
    this.#write({ content, edits: id });
  }

  /** Puts something on a message or takes it away: `does` is the change as the protocol has it.
   *  @param {number} id
   *  @param {MarkWish} does */
  changeMark(id, does) {
    const about = (/** @type {MarkWish} */ mark) => (mark.do === "react" ? mark.emoji : mark.do === "unfile" ? mark.file : undefined);
    const same = (/** @type {OutboxItem} */ item) => item.edits === id && item.does?.do === does.do && about(item.does) === about(does);
    for (const { nonce } of this.#items.filter((item) => same(item) && !item.tried)) this.discard(nonce);
    this.#write({ edits: id, does });
  }

  /** @param {number} id */
  recall(id) {
    if (!this.#items.some(({ edits, content }) => edits === id && content === null)) this.edit(id, null);
  }

  /** Sends the next one if the line is free. What waits for its files lets others pass. */
  flush() {
    if (!this.#restored || this.#connection.state.name !== "live" || this.#items.some((item) => item.sent)) return;
    const next = this.#items.find((item) => !item.why && !this.#resting.has(item.room) && isWhole(item));
    if (!next || !this.#send(next)) return;
    next.sent = next.tried = true;
    this.#timer = setTimeout(() => {
      this.#unanswered(next);
      this.#connection.reconnect();
    }, ANSWER_MS);
  }

  /** The connection is gone: nobody knows what arrived, so everything unconfirmed goes again. `unread`: the server could not read what
   *  was sent last.
   *  @param {boolean} [unread] */
  lost(unread = false) {
    clearTimeout(this.#timer);
    const last = this.#items.find((item) => item.sent);
    if (unread && last) this.#unanswered(last);
    for (const timer of this.#resting.values()) clearTimeout(timer);
    this.#resting.clear();
    for (const item of this.#items) item.sent = false;
  }

  /** Returns what the ack is about, when that was something of ours.
   *  @param {AckFrame} what */
  acked({ nonce, id, seq, at }) {
    const item = this.#settle(nonce, { id, seq, at });
    if (item) this.#kept.drop(nonce, { id, seq, at });
    return item;
  }

  /** Returns what the error is about, when that was something of ours.
   *  @param {ErrorFrame} what */
  refused({ nonce, code, message, room, retry_after }) {
    const unnamed = nonce === undefined && room === undefined && UNREAD.has(code);
    const item = unnamed ? this.#items.find(({ sent }) => sent) : this.#find(nonce);
    if (!item) return undefined;
    clearTimeout(this.#timer);
    item.sent = item.tried = item.shown = false;
    const last = SUSPECT.has(code) && this.#countsOut(item);
    if (!last && retry_after > 0 && retry_after <= PATIENCE_S) {
      this.#tell("delayed", item, UNSAVED.has(code) ? say("not_sent_yet") : message);
      this.#rest(item.room, retry_after * 1000);
    } else if (code === "not_found" && !this.#known(item.room)) {
      this.#lost(item.room);
    } else if (code === "file_gone" && item.files?.every(({ blob, kept }) => blob || kept) && !this.#countsOut(item)) {
      // It had waited for too long there, and is still here.
      this.#each(item, (transfers, file) => transfers.again(file, item.room));
      for (const file of item.files) file.file = undefined;
      this.#tell("progressed", item);
    } else {
      this.#fail(item, message);
    }
    this.flush();
    return item;
  }

  /** Nothing goes to this room any more. Gives the words that were to, and the names of files, but for what is under way: that has its answer before it.
   *  @param {number} room */
  lose(room) {
    const lost = this.#items.filter((item) => item.room === room && !item.sent);
    for (const { nonce } of lost) {
      this.#each(this.#take(nonce), (transfers, file) => transfers.discard(file));
      this.#kept.drop(nonce);
    }
    const words = lost.map(({ content, files = [] }) => [content, ...files.map(({ name, as }) => (as === "voice" ? fileWord(as) : `[${name}]`))].filter(Boolean).join("\n"));
    return words.filter(Boolean);
  }

  /** My own event came before its ack: the message under way with these words is most likely the one.
   *  It stays here until the server says so: a wrong guess loses nothing.
   *  @param {Message} message */
  claim({ content, reply, files }) {
    const mine = (/** @type {OutboxItem} */ { room, edits, tried, shown, why }) => room === this.#room && edits === undefined && tried && !shown && !why;
    const same = (/** @type {OutboxItem} */ each) => each.content.trim() === content.trim() && each.reply?.id === reply?.id && sameFiles(each.files, files);
    const item = this.#items.find((each) => mine(each) && same(each));
    if (item) item.shown = true;
    return item;
  }

  /** A failed one goes again, last in line.
   *  @param {Nonce} nonce */
  retry(nonce) {
    const item = this.#take(nonce);
    if (!item) return;
    this.#tell("discarded", item);
    const mine = item.author === this.#author;
    if (!mine) this.#kept.drop(nonce);
    // What another has uploaded is theirs.
    if (!mine) for (const file of item.files ?? []) Object.assign(file, { file: undefined, upload: undefined, mark: newNonce() });
    this.#write({ room: item.room, content: item.content, reply: item.reply, files: item.files, nonce: mine ? nonce : newNonce() });
  }

  /** Gives it, for what is still wanted of it.
   *  @param {Nonce} nonce */
  discard(nonce) {
    const item = this.#settle(nonce);
    if (item) this.#kept.drop(nonce);
    return item;
  }

  /** It is done with, here or in another tab: with an ack it was sent. Undefined when it is not here.
   *  @param {Nonce} nonce
   *  @param {Ack} [ack] */
  #settle(nonce, ack) {
    const item = this.#take(nonce);
    if (!item) return undefined;
    if (ack) this.#tell("settled", item, ack);
    else this.#tell("discarded", item);
    this.#each(item, (transfers, file) => (ack ? transfers.done(file) : transfers.discard(file)));
    this.flush();
    return item;
  }

  /** It went out and nothing was said to it: after the last try it holds nobody up any more.
   *  @param {OutboxItem} item */
  #unanswered(item) {
    if (this.#countsOut(item)) this.#fail(item, say("no_answer"));
  }

  /** Whether this was its last try.
   *  @param {OutboxItem} item */
  #countsOut(item) {
    item.tries = (item.tries ?? 0) + 1;
    return item.tries >= TRIES;
  }

  /** A message stays, with the reason, until its author decides; a change is over.
   *  @param {OutboxItem} item
   *  @param {string} why */
  #fail(item, why) {
    item.why = why;
    if (item.edits === undefined) {
      this.#kept.put(item);
    } else {
      this.#take(item.nonce);
      this.#kept.drop(item.nonce);
    }
    if (item.room === this.#room) this.#rows.failed(item);
    else this.#rows.failedElsewhere(item);
  }

  /** Puts something new at the end of the line.
   *  @param {Partial<OutboxItem>} words */
  #write(words) {
    const last = this.#items.at(-1)?.at ?? 0;
    const item = { nonce: newNonce(), room: this.#room, author: this.#author, at: Math.max(serverNow(), last + 1), ...words };
    this.#put(item);
    this.#kept.put(item);
    this.#bring(item);
    this.flush();
  }

  /** Its files are on their way, or go on from where they are.
   *  @param {OutboxItem} item */
  #bring(item) {
    if (!item.why) this.#each(item, (transfers, file) => transfers.start(file, item.room));
  }

  /** @param {OutboxItem} item
   *  @param {(transfers: Transfers, file: LocalFile) => void} act */
  async #each({ files = [] }, act) {
    const transfers = files.length && await this.#transfers();
    if (transfers) for (const file of files) act(transfers, file);
  }

  /** @param {OutboxItem} item */
  #own(item) {
    return item.author === this.#author ? item : { ...item, why: say("other_name"), sent: false, tried: false };
  }

  /** In the order in which they were written.
   *  @param {OutboxItem} item */
  #put(item) {
    const later = this.#items.findIndex(({ at }) => at > item.at);
    this.#items.splice(later < 0 ? this.#items.length : later, 0, item);
    this.#show(item);
  }

  /** @param {OutboxItem} item */
  #show(item) {
    if (item.why) this.#tell("failed", item);
    else if (!item.shown) this.#tell("waits", item);
  }

  /** Only the open room has rows.
   *  @param {"waits" | "progressed" | "delayed" | "failed" | "settled" | "discarded"} what
   *  @param {OutboxItem} item
   *  @param {any} [more] why it is late, or the ack */
  #tell(what, item, more) {
    if (item.room === this.#room) this.#rows[what](item, more);
  }

  /** @param {Nonce | undefined} nonce */
  #find(nonce) {
    return this.#items.find((item) => item.nonce === nonce);
  }

  /** @param {OutboxItem} outboxItem */
  #send({ nonce, room, content, reply, edits, does, files }) {
    if (edits === undefined) return this.#connection.send(SEND, { nonce, room, content, reply: reply?.id, files: wantedFiles(files) });
    const what = does ?? (content === null ? { do: "recall" } : { do: "edit", content });
    return this.#connection.send(CHANGE, { nonce, room, id: edits, ...what });
  }

  /** @param {Nonce} nonce */
  #take(nonce) {
    const item = this.#find(nonce);
    if (!item) return undefined;
    this.#items.splice(this.#items.indexOf(item), 1);
    if (item.sent) clearTimeout(this.#timer);
    item.sent = false;
    return item;
  }

  /** Nothing goes to this room for a while.
   *  @param {number} room
   *  @param {number} ms */
  #rest(room, ms) {
    clearTimeout(this.#resting.get(room));
    this.#resting.set(room, setTimeout(() => {
      this.#resting.delete(room);
      this.flush();
    }, ms));
  }
}
