// The roll of messages: what comes live, resumed and in pages goes into the log the same way, and shows in a window of rows. The
// log may stand anywhere in the room: what comes live joins on only when its newest message is in memory.

import { attach, nameless } from "./message-extras.js";
import { Changes, after, quoteAfter } from "../state/message-reducer.js";
import { redate } from "./separators.js";
import { Late } from "../sync/live-buffer.js";
import { Log, follows } from "../state/messages.js";
import { callByName } from "../message/body.js";
import { isMine } from "../state/mentions.js";
import { RowWindow, WINDOW } from "./row-window.js";
import { eventEntry, fill, messageRow, noteRow, readRow, stamp } from "./message-row.js";
import { Wishes, hung } from "../state/optimistic.js";

export class Timeline {
  #list;
  #scroll;
  #tail;
  #hooks;
  #me;
  #rows;
  #log = new Log();
  #fresh;
  #life = 0;
  #changes = new Changes();
  #late = new Late();
  #wishes = new Wishes();

  /** `attached` is what hangs on the messages that came with the page, `torn` says that they are not the newest, `tail` holds the waiting rows after the log's; hooks: `again(text)`, `forgot()`. */
  constructor({ list, attached, torn, scroll, tail, me, hooks }) {
    this.#list = list;
    this.#scroll = scroll;
    this.#tail = tail;
    this.#me = me;
    this.#hooks = hooks;
    this.#rows = new RowWindow({
      list,
      log: this.#log,
      tail,
      hooks: { draw: (entry) => this.#draw(entry), fresh: () => this.#fresh },
    });
    const known = new Map(attached.map((each) => [each.id, each]));
    for (const li of list.querySelectorAll(".msg, .note")) this.#log.insert(readRow(li, me, known.get(Number(li.dataset.id))));
    this.#log.torn = torn;
    this.#rows.adopt();
    this.mend();
  }

  get oldest() {
    return this.#log.first((entry) => typeof entry.id === "number")?.id;
  }

  get newest() {
    return this.#log.last((entry) => typeof entry.id === "number")?.id;
  }

  /** Whether no message since `seq` is older than those in memory. */
  reaches(seq) {
    return this.#log.first((entry) => typeof entry.id === "number")?.seq <= seq + 1;
  }

  /** The seq before the message; 0 when it is the oldest in memory. */
  before(id) {
    return this.#log.at(this.#log.indexOf(this.#log.get(id)) - 1)?.seq ?? 0;
  }

  get torn() {
    return this.#log.torn;
  }

  get(id) {
    return this.#log.get(id);
  }

  /** How often everything was forgotten: what was asked for before that is no answer any more. */
  get life() {
    return this.#life;
  }

  /** The newest message in memory that passes. */
  last(passes) {
    return this.#log.last(passes);
  }

  /** Who has spoken, the last ones first, some more than once. */
  speakers() {
    return this.#log.since(-1).slice(-WINDOW).reverse().map(({ by }) => by);
  }

  /** The words that its row shows. */
  words(entry) {
    return this.#wishes.words(entry.id)?.content ?? entry.content;
  }

  /** The message with what I have put on it and the server does not have yet. */
  seen(entry) {
    return this.#wishes.upon(entry, this.#me);
  }

  /** Adds a message, or brings a known one up to date. Returns the entry when it is new. `li` is the row it had while it waited. */
  put(message, li = null) {
    this.#late.add(message.seq, () => this.put(message));
    const known = this.#log.get(message.id);
    if (known) {
      this.#update(known, message);
      li?.remove();
      return null;
    }
    const entry = { ...this.#changes.upon(message), li };
    if (li) {
      stamp(li, entry);
      this.#fill(entry);
    }
    if (this.#log.torn) {
      li?.remove();
      return entry;
    }
    this.#scroll.keep(() => this.#insert(entry));
    return entry;
  }

  /** Applies an event about a message, to those that answer it too. */
  change(event) {
    this.#changes.remember(event);
    const entry = this.#log.get(event.id);
    if (entry) this.#update(entry, after(entry, event));
    for (const each of this.#log.answering(event.id)) {
      const reply = quoteAfter(each.reply, event);
      if (reply) this.#hang(each, { reply });
    }
    this.#tail.change(event);
  }

  /** Shows a change that the server does not have yet, whenever its message is here. */
  await(item) {
    this.#wishes.add(item);
    this.#redraw(item);
  }

  /** A change waits no longer; `ack` says that the server has it. The event itself brings the rest. */
  settle({ nonce, edits, content, does }, ack) {
    const entry = this.#log.get(edits);
    if (ack && entry && !entry.recalled && entry.rev < ack.seq) {
      if (does) Object.assign(entry, hung(entry, does, this.#me));
      else if (content !== null) Object.assign(entry, { content, html: undefined, edited: ack.at });
    }
    if (this.#wishes.drop(nonce)) this.#redraw({ edits, does });
  }

  /** Puts an older page before everything and shows it. */
  prepend(page) {
    this.#rows.shift(this.#log.prepend(page.map((message) => this.#changes.upon(message))));
    this.showOlder();
  }

  /** Puts a newer page after everything and shows it. Behind the newest one goes on what came live while it was under way. */
  append({ messages, newer }) {
    this.#log.append(messages.map((message) => this.#changes.upon(message)));
    this.#log.torn = newer || !this.#late.whole;
    if (!this.#log.torn) this.#late.joinOn(this.#log.head);
    if (!this.showNewer()) this.mend();
  }

  /** Stands at another page of the room; everything else is forgotten. */
  stand(page) {
    this.#forget();
    this.append(page);
  }

  /** Runs `fetch`, which asks for a page and takes it in; what comes live meanwhile is not lost. */
  during(fetch) {
    return this.#late.during(fetch);
  }

  /** Shows older ones from memory; false when there are none. */
  showOlder() {
    if (!this.#rows.hasOlder) return false;
    this.#quietly(() => this.#rows.showOlder());
    return true;
  }

  /** Shows newer ones from memory; false when there are none. */
  showNewer() {
    if (!this.#rows.hasNewer) return false;
    this.#quietly(() => this.#forgotten(this.#rows.showNewer()));
    return true;
  }

  /** Lets the window stand at the newest end again. */
  jumpToNewest() {
    if (this.#rows.hasNewer) {
      this.#rows.leap();
      this.showNewer();
    }
    this.#scroll.toBottom();
  }

  /** Lets the window stand around a message in memory, and gives its row. */
  reveal(id) {
    const entry = this.#log.get(id);
    const index = this.#log.indexOf(entry);
    if (!this.#rows.holds(index)) this.#quietly(() => this.#rows.showAround(index));
    return entry.li;
  }

  /** Forgets the room: another one follows. */
  leave() {
    this.#wishes.clear();
    this.#fresh = undefined;
    this.clear();
  }

  /** The messages in memory that came after `seq`, oldest first. */
  since(seq) {
    return this.#log.since(seq);
  }

  /** The newest one that was there at `seq` and still is. */
  upTo(seq) {
    if (this.#log.torn && seq > this.#log.head) return undefined;
    return this.#log.last((entry) => entry.seq <= seq && !entry.recalled);
  }

  /** What happened in the room, as a note among the messages. */
  note(event, text) {
    this.#late.add(event.seq, () => this.note(event, text));
    if (this.#log.torn) return;
    this.#scroll.keep(() => this.#insert(eventEntry(event, text)));
  }

  /** Takes name and face off what somebody said. */
  forget(nobody) {
    this.#quietly(() => {
      for (const entry of this.#log.of(nobody.id)) {
        entry.by = nobody;
        if (!entry.li) continue;
        const li = entry.recalled ? noteRow(entry, false) : messageRow(entry, this.#me);
        entry.li.replaceWith(li);
        entry.li = li;
        this.#rows.dress(this.#log.indexOf(entry));
      }
      for (const entry of this.#log.since(-1)) {
        const hangs = nameless(entry, nobody);
        if (hangs) this.#hang(entry, hangs);
      }
    });
  }

  clear() {
    this.#forget();
    this.#changes.clear();
    this.#late.forget();
    this.mend();
  }

  /** Draws the line "new messages" above this entry; none takes it away. */
  mark(entry) {
    const before = this.#fresh && this.#log.get(this.#fresh);
    this.#fresh = entry?.id;
    this.#scroll.keep(() => {
      for (const each of [before, entry]) if (each) this.#rows.dress(this.#log.indexOf(each));
    });
  }

  /** I am another now: signed in elsewhere, or renamed. */
  setMe(me) {
    this.#me = me;
    for (const entry of this.#rows.entries) {
      entry.li.classList.toggle("mine", isMine(entry, me));
      if (!entry.recalled) attach(entry.li, this.seen(entry), me);
      if (!entry.recalled) callByName(entry.li, me);
    }
  }

  /** Days have changed their names. */
  redate() {
    this.#rows.entries.forEach(redate);
  }

  #forget() {
    this.#rows.strip(0);
    this.#life += 1;
    this.#log.clear();
  }

  #insert(entry) {
    const index = this.#log.insert(entry);
    this.#rows.take(index, this.#scroll.stuck);
    this.#dressAround(index);
    if (this.#scroll.stuck) this.#forgotten(this.#rows.trimTop());
  }

  /** Takes another view of a message if it is the newer one. */
  #update(entry, { rev, content, html, edited, recalled, mentions, reply, reactions, pinned }) {
    if (rev <= entry.rev) return;
    const before = { ...entry };
    Object.assign(entry, { rev, content, html, edited, recalled, mentions });
    if (entry.li) entry.li.dataset.rev = rev;
    if (before.recalled) return;
    const words = content !== before.content || html !== before.html || edited !== before.edited;
    this.#hang(entry, { reply, reactions, pinned });
    if (recalled) this.#scroll.keep(() => this.#withdraw(entry, before.content));
    else if (words) this.#refill(entry.id);
  }

  /** What hangs on the message is another now. */
  #hang(entry, what) {
    Object.assign(entry, what);
    if (entry.li && !entry.recalled) this.#scroll.keep(() => attach(entry.li, this.seen(entry), this.#me));
  }

  #refill(id) {
    const entry = this.#log.get(id);
    if (entry?.li && !entry.recalled) this.#scroll.keep(() => this.#fill(entry));
  }

  /** A change of mine shows, or shows no longer. */
  #redraw({ edits, does }) {
    const entry = this.#log.get(edits);
    if (entry && does) this.#hang(entry, {});
    else this.#refill(edits);
  }

  #fill(entry) {
    fill(entry.li, this.seen(entry), this.#me, this.#wishes.words(entry.id));
  }

  #withdraw(entry, words) {
    const { li } = entry;
    const mine = isMine(entry, this.#me);
    entry.li = li && noteRow(entry, mine, mine && words ? () => this.#hooks.again(words) : null);
    li?.replaceWith(entry.li);
    this.#dressAround(this.#log.indexOf(entry));
  }

  #draw(entry) {
    return entry.recalled ? noteRow(entry, isMine(entry, this.#me)) : messageRow(this.seen(entry), this.#me, this.#wishes.words(entry.id));
  }

  #forgotten(count) {
    if (count) this.#hooks.forgot();
  }

  #dressAround(index) {
    this.#rows.dress(index);
    this.#rows.dress(index + 1);
    this.mend();
  }

  /** Brings the rows after the log's into line. */
  mend() {
    const attached = !this.#rows.hasNewer && !this.#log.torn;
    this.#list.classList.toggle("detached", !attached);
    this.#scroll.detached = !attached;
    this.#tail.dress(this.#log.at(this.#log.size - 1), follows);
  }

  /** For changes that are not news: history is not read out. */
  #quietly(change) {
    const log = this.#list.closest("[role=log]");
    log.setAttribute("aria-busy", "true");
    this.#scroll.keep(() => {
      change();
      this.mend();
    });
    setTimeout(() => log.removeAttribute("aria-busy"), 500);
  }
}
