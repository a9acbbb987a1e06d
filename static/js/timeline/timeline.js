// @ts-check
// The timeline: what comes live, resumed and in pages goes into the log the same way, and shows in a window of rows. The
// log may stand anywhere in the room: what comes live joins on only when its newest message is in memory.

import { withoutName } from "./message-extras.js";
import { RecentChanges, after, quoteAfter } from "../state/message-reducer.js";
import { redate } from "./separators.js";
import { LiveBuffer } from "../sync/live-buffer.js";
import { MessageLog, follows } from "../state/messages.js";
import { RowRenderer } from "./row-renderer.js";
import { RowWindow, WINDOW } from "./row-window.js";
import { eventEntry, readRow, stamp } from "./message-row.js";
import { session } from "../state/session.js";

export class Timeline {
  #list;
  #scroll;
  #pendingRows;
  #forgot;
  #renderer;
  #rows;
  #log = new MessageLog();
  /** @type {Entry["id"] | undefined} */
  #fresh;
  #life = 0;
  #changes = new RecentChanges();
  #liveBuffer = new LiveBuffer();

  /** `extras` is what hangs on the messages that came with the page, `torn` says that they are not the newest, `pendingRows` holds the waiting rows after the log's; hooks: `again(text)`, `forgot()`.
   *  @param {Pick<App, "list" | "scroll" | "pendingRows"> & { extras: MessageExtras[], torn: boolean, hooks: { again: (words: string) => void, forgot: () => void } }} parts */
  constructor({ list, extras, torn, scroll, pendingRows, hooks }) {
    this.#list = list;
    this.#scroll = scroll;
    this.#pendingRows = pendingRows;
    this.#forgot = hooks.forgot;
    this.#renderer = new RowRenderer({
      scroll,
      hooks: { again: hooks.again, replaced: (entry) => this.#decorateAround(this.#log.indexOf(entry)) },
    });
    this.#rows = new RowWindow({
      list,
      log: this.#log,
      pendingRows,
      hooks: { draw: (entry) => this.#renderer.draw(entry), fresh: () => this.#fresh },
    });
    const known = new Map(extras.map((each) => [each.id, each]));
    for (const li of list.querySelectorAll(".msg, .note")) this.#log.insert(readRow(li, session.me, known.get(Number(li.dataset.id))));
    this.#log.torn = torn;
    this.#rows.adopt();
    this.updateEdges();
    session.subscribe(() => this.#renderer.meChanged(this.#rows.entries));
  }

  get oldest() {
    return /** @type {number} */ (this.#log.first((entry) => typeof entry.id === "number")?.id);
  }

  get newest() {
    return /** @type {number} */ (this.#log.last((entry) => typeof entry.id === "number")?.id);
  }

  /** Whether no message since `seq` is older than those in memory.
   *  @param {number} seq */
  reaches(seq) {
    return this.#log.first((entry) => typeof entry.id === "number")?.seq <= seq + 1;
  }

  /** The seq before the message; 0 when it is the oldest in memory.
   *  @param {number} id */
  before(id) {
    return this.#log.at(this.#log.indexOf(this.#log.get(id)) - 1)?.seq ?? 0;
  }

  get torn() {
    return this.#log.torn;
  }

  /** @param {Entry["id"] | undefined} id */
  get(id) {
    return this.#log.get(id);
  }

  /** How often everything was forgotten: what was asked for before that is no answer any more. */
  get generation() {
    return this.#life;
  }

  /** The newest message in memory that passes.
   *  @param {(entry: Entry) => unknown} passes */
  last(passes) {
    return this.#log.last(passes);
  }

  /** Who has spoken, the last ones first, some more than once. */
  speakers() {
    return this.#log.since(-1).slice(-WINDOW).reverse().map(({ by }) => by);
  }

  /** The words that its row shows.
   *  @param {Entry} entry */
  words(entry) {
    return this.#renderer.words(entry);
  }

  /** The message with what I have put on it and the server does not have yet.
   *  @param {Entry} entry */
  withOptimistic(entry) {
    return this.#renderer.withOptimistic(entry);
  }

  /** Adds a message, or brings a known one up to date. Returns the entry when it is new. `li` is the row it had while it waited.
   *  @param {Message} message
   *  @param {HTMLElement | null} [li] */
  put(message, li = null) {
    this.#liveBuffer.add(message.seq, () => this.put(message));
    const known = this.#log.get(message.id);
    if (known) {
      this.#renderer.update(known, message);
      li?.remove();
      return null;
    }
    const entry = { ...this.#changes.upon(message), li };
    if (li) {
      stamp(li, entry);
      this.#renderer.fill(entry);
    }
    if (this.#log.torn) {
      li?.remove();
      return entry;
    }
    this.#scroll.keepPosition(() => this.#insert(entry));
    return entry;
  }

  /** Applies an event about a message, to those that answer it too.
   *  @param {MessageChange} event */
  change(event) {
    this.#changes.remember(event);
    const entry = this.#log.get(event.id);
    if (entry) this.#renderer.update(entry, after(entry, event));
    for (const each of this.#log.answering(event.id)) {
      const reply = quoteAfter(each.reply, event);
      if (reply) this.#renderer.updateExtras(each, { reply });
    }
    this.#pendingRows.change(event);
  }

  /** Shows a change that the server does not have yet, whenever its message is here.
   *  @param {OutboxItem} item */
  showOptimistic(item) {
    this.#renderer.showOptimistic(item, this.#log.get(item.edits));
  }

  /** A change waits no longer; `ack` says that the server has it. The event itself brings the rest.
   *  @param {OutboxItem} item
   *  @param {Ack} [ack] */
  settle(item, ack) {
    this.#renderer.settle(item, this.#log.get(item.edits), ack);
  }

  /** Puts an older page before everything and shows it.
   *  @param {Message[]} page */
  prepend(page) {
    this.#rows.shift(this.#log.prepend(page.map((message) => this.#changes.upon(message))));
    this.showOlder();
  }

  /** Puts a newer page after everything and shows it. Behind the newest one goes on what came live while it was under way.
   *  @param {Pick<Page, "messages" | "newer">} what */
  append({ messages, newer }) {
    this.#log.append(messages.map((message) => this.#changes.upon(message)));
    this.#log.torn = newer || !this.#liveBuffer.whole;
    if (!this.#log.torn) this.#liveBuffer.joinOn(this.#log.head);
    if (!this.showNewer()) this.updateEdges();
  }

  /** Stands at another page of the room; everything else is forgotten.
   *  @param {Page} page */
  showPage(page) {
    this.#forget();
    this.append(page);
  }

  /** Runs `fetch`, which asks for a page and takes it in; what comes live meanwhile is not lost.
   *  @template T
   *  @param {() => Promise<T>} fetch */
  during(fetch) {
    return this.#liveBuffer.during(fetch);
  }

  /** Shows older ones from memory; false when there are none. */
  showOlder() {
    if (!this.#rows.hasOlder) return false;
    this.#withoutAnnouncing(() => this.#rows.showOlder());
    return true;
  }

  /** Shows newer ones from memory; false when there are none. */
  showNewer() {
    if (!this.#rows.hasNewer) return false;
    this.#withoutAnnouncing(() => this.#forgotten(this.#rows.showNewer()));
    return true;
  }

  /** Lets the window stand at the newest end again. */
  jumpToNewest() {
    if (this.#rows.hasNewer) {
      this.#rows.jumpToEnd();
      this.showNewer();
    }
    this.#scroll.toBottom();
  }

  /** Lets the window stand around a message in memory, and gives its row.
   *  @param {number} id */
  reveal(id) {
    const entry = this.#log.get(id);
    const index = this.#log.indexOf(entry);
    if (!this.#rows.holds(index)) this.#withoutAnnouncing(() => this.#rows.showAround(index));
    return entry.li;
  }

  /** Forgets the room: another one follows. */
  leave() {
    this.#renderer.clear();
    this.#fresh = undefined;
    this.clear();
  }

  /** The messages in memory that came after `seq`, oldest first.
   *  @param {number} seq */
  since(seq) {
    return this.#log.since(seq);
  }

  /** The newest one that was there at `seq` and still is.
   *  @param {number} seq */
  upTo(seq) {
    if (this.#log.torn && seq > this.#log.head) return undefined;
    return this.#log.last((entry) => entry.seq <= seq && !entry.recalled);
  }

  /** What happened in the room, as a note among the messages.
   *  @param {RoomChange | MessageChange} event
   *  @param {string} text */
  note(event, text) {
    this.#liveBuffer.add(event.seq, () => this.note(event, text));
    if (this.#log.torn) return;
    this.#scroll.keepPosition(() => this.#insert(eventEntry(event, text)));
  }

  /** Takes name and face off what somebody said.
   *  @param {Person} nobody */
  anonymise(nobody) {
    this.#withoutAnnouncing(() => {
      for (const entry of this.#log.of(nobody.id)) {
        entry.by = nobody;
        if (!entry.li) continue;
        this.#renderer.anonymise(entry);
        this.#rows.decorate(this.#log.indexOf(entry));
      }
      for (const entry of this.#log.since(-1)) {
        const hangs = withoutName(entry, nobody);
        if (hangs) this.#renderer.updateExtras(entry, hangs);
      }
    });
  }

  clear() {
    this.#forget();
    this.#changes.clear();
    this.#liveBuffer.forget();
    this.updateEdges();
  }

  /** Draws the line "new messages" above this entry; none takes it away.
   *  @param {Entry | null | undefined} entry */
  markUnread(entry) {
    const before = this.#fresh && this.#log.get(this.#fresh);
    this.#fresh = entry?.id;
    this.#scroll.keepPosition(() => {
      for (const each of [before, entry]) if (each) this.#rows.decorate(this.#log.indexOf(each));
    });
  }

  /** Days have changed their names. */
  redate() {
    this.#rows.entries.forEach(redate);
  }

  #forget() {
    this.#rows.resetTo(0);
    this.#life += 1;
    this.#log.clear();
  }

  /** @param {Entry} entry */
  #insert(entry) {
    const index = this.#log.insert(entry);
    this.#rows.entryAdded(index, this.#scroll.atNewest);
    this.#decorateAround(index);
    if (this.#scroll.atNewest) this.#forgotten(this.#rows.trimTop());
  }

  /** @param {number} count */
  #forgotten(count) {
    if (count) this.#forgot();
  }

  /** @param {number} index */
  #decorateAround(index) {
    this.#rows.decorate(index);
    this.#rows.decorate(index + 1);
    this.updateEdges();
  }

  /** Brings the rows after the log's into line. */
  updateEdges() {
    const attached = !this.#rows.hasNewer && !this.#log.torn;
    this.#list.classList.toggle("detached", !attached);
    this.#scroll.detached = !attached;
    this.#pendingRows.decorate(this.#log.at(this.#log.size - 1), follows);
  }

  /** For changes that are not news: history is not read out.
   *  @param {() => void} change */
  #withoutAnnouncing(change) {
    const log = this.#list.closest("[role=log]");
    log.setAttribute("aria-busy", "true");
    this.#scroll.keepPosition(() => {
      change();
      this.updateEdges();
    });
    setTimeout(() => log.removeAttribute("aria-busy"), 500);
  }
}
