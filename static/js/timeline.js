// The roll of messages: a window of the log as rows, grouped and divided by days. At most WINDOW rows stand in the document;
// rows that leave at the far end are made again from the log when the reader comes back. The log may stand anywhere in the room:
// what comes live joins on only when its newest message is in memory.

import { attach, nameless } from "./attached.js";
import { Changes, after, quoteAfter } from "./changes.js";
import { dress, redate, undress } from "./dress.js";
import { Late } from "./late.js";
import { Log, follows } from "./log.js";
import { callByName } from "./markup.js";
import { eventEntry, fill, messageRow, noteRow, readRow, stamp } from "./row.js";
import { Wishes, hung } from "./wishes.js";

const WINDOW = 300;
const STEP = 50;

export class Timeline {
  #list;
  #scroll;
  #tail;
  #hooks;
  #me;
  #log = new Log();
  #from = 0;
  #to = 0;
  #fresh;
  #life = 0;
  #changes = new Changes();
  #late = new Late();
  #wishes = new Wishes();

  /** `attached` is what hangs on the messages that came with the page, `torn` says that they are not the newest, `tail` holds the waiting rows after the log's; hooks: `dressed(entry)` for each row shown, `again(text)`, `forgot()`. */
  constructor({ list, attached, torn, scroll, tail, me, hooks }) {
    this.#list = list;
    this.#scroll = scroll;
    this.#tail = tail;
    this.#me = me;
    this.#hooks = hooks;
    const known = new Map(attached.map((each) => [each.id, each]));
    for (const li of list.querySelectorAll(".msg, .note")) this.#log.insert(readRow(li, me, known.get(Number(li.dataset.id))));
    this.#log.torn = torn;
    this.#to = this.#log.size;
    for (let index = 0; index < this.#to; index += 1) this.#dress(index, true);
    this.mend();
  }

  get oldest() {
    return this.#log.first((entry) => typeof entry.id === "number")?.id;
  }

  get newest() {
    return this.#log.last((entry) => typeof entry.id === "number")?.id;
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
    const count = this.#log.prepend(page.map((message) => this.#changes.upon(message)));
    this.#from += count;
    this.#to += count;
    this.#log.trimNewest(this.#to);
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
    if (this.#from === 0) return false;
    this.#quietly(() => {
      const end = this.#from;
      for (let count = 0; count < STEP && this.#from > 0; count += 1) this.#show(--this.#from);
      for (let index = this.#from; index <= end; index += 1) this.#dress(index, index < end);
      while (this.#to - this.#from > WINDOW) this.#hide(--this.#to);
    });
    return true;
  }

  /** Shows newer ones from memory; false when there are none. */
  showNewer() {
    if (this.#to >= this.#log.size) return false;
    this.#quietly(() => {
      for (let count = 0; count < STEP && this.#to < this.#log.size; count += 1) this.#append();
      this.#trimTop();
    });
    return true;
  }

  /** Lets the window stand at the newest end again. */
  jumpToNewest() {
    if (this.#to < this.#log.size) {
      this.#stripTo(this.#log.size - STEP);
      this.showNewer();
    }
    this.#scroll.toBottom();
  }

  /** Lets the window stand around a message in memory, and gives its row. */
  reveal(id) {
    const entry = this.#log.get(id);
    const index = this.#log.indexOf(entry);
    if (index < this.#from || index >= this.#to) {
      this.#quietly(() => {
        this.#stripTo(index - STEP);
        while (this.#to < Math.min(this.#log.size, index + STEP)) this.#append();
      });
    }
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
        this.#dress(this.#log.indexOf(entry), true);
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
      for (const each of [before, entry]) if (each) this.#dress(this.#log.indexOf(each));
    });
  }

  /** I am another now: signed in elsewhere, or renamed. */
  setMe(me) {
    this.#me = me;
    for (let index = this.#from; index < this.#to; index += 1) {
      const entry = this.#log.at(index);
      entry.li.classList.toggle("mine", entry.by.id === me.id);
      if (!entry.recalled) attach(entry.li, this.seen(entry), me);
      if (!entry.recalled) callByName(entry.li, me);
    }
  }

  /** Days have changed their names. */
  redate() {
    for (let index = this.#from; index < this.#to; index += 1) redate(this.#log.at(index));
  }

  #forget() {
    this.#stripTo(0);
    this.#life += 1;
    this.#log.clear();
  }

  /** Takes all rows out; the window begins anew at `index`. */
  #stripTo(index) {
    while (this.#to > this.#from) this.#hide(--this.#to);
    this.#from = this.#to = Math.max(0, index);
  }

  #insert(entry) {
    const index = this.#log.insert(entry);
    const atTail = this.#to === this.#log.size - 1;
    if (index < this.#from) {
      this.#from += 1;
      this.#to += 1;
    } else if (index < this.#to || (atTail && (this.#scroll.stuck || this.#to - this.#from < WINDOW))) {
      this.#to += 1;
      this.#show(index);
      this.#dress(index, true);
    } else {
      entry.li?.remove();
      if (!entry.recalled) entry.li = null;
    }
    this.#dressAround(index);
    if (this.#scroll.stuck) this.#trimTop();
  }

  /** Takes another view of a message if it is the newer one. */
  #update(entry, { rev, content, html, edited, recalled, reply, reactions, pinned }) {
    if (rev <= entry.rev) return;
    const before = { ...entry };
    Object.assign(entry, { rev, content, html, edited, recalled });
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
    const mine = entry.by.id === this.#me.id;
    entry.li = li && noteRow(entry, mine, mine && words ? () => this.#hooks.again(words) : null);
    li?.replaceWith(entry.li);
    this.#dressAround(this.#log.indexOf(entry));
  }

  #append() {
    this.#to += 1;
    this.#show(this.#to - 1);
    this.#dress(this.#to - 1, true);
  }

  #trimTop() {
    while (this.#to - this.#from > WINDOW) this.#hide(this.#from++);
    const forgotten = this.#log.trimOldest(this.#from);
    this.#from -= forgotten;
    this.#to -= forgotten;
    if (forgotten) this.#hooks.forgot();
    this.#dress(this.#from);
  }

  #show(index) {
    const entry = this.#log.at(index);
    entry.li ??= entry.recalled ? noteRow(entry, entry.by.id === this.#me.id) : messageRow(this.seen(entry), this.#me, this.#wishes.words(entry.id));
    const after = index + 1 < this.#to ? this.#log.at(index + 1) : null;
    const next = after?.day ?? after?.fresh ?? after?.li ?? this.#tail.first;
    if (entry.li.parentNode !== this.#list || entry.li.nextSibling !== next) this.#list.insertBefore(entry.li, next);
  }

  #hide(index) {
    const entry = this.#log.at(index);
    undress(entry);
    // A note from the page itself cannot be made again: its author's name came in the sentence only.
    if (!entry.recalled) entry.li = null;
  }

  #dressAround(index) {
    this.#dress(index);
    this.#dress(index + 1);
    this.mend();
  }

  /** Gives the row what depends on the one before it. */
  #dress(index, shown = false) {
    if (index < this.#from || index >= this.#to) return;
    const entry = this.#log.at(index);
    dress(this.#list, entry, this.#log.at(index - 1), entry.id === this.#fresh);
    if (shown) this.#hooks.dressed(entry);
  }

  /** Brings the rows after the log's into line. */
  mend() {
    const attached = this.#to === this.#log.size && !this.#log.torn;
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
