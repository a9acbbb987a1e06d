// @ts-check
// Draws the entries of the log as rows, with the changes of mine that the server does not have yet, and brings a row up to date
// when its entry has changed. Which rows stand in the document is the window's to say (row-window.js).

import { attach } from "./message-extras.js";
import { forgetFiles } from "./files-row.js";
import { isMine } from "../state/messages.js";
import { highlightMentions } from "../message/body.js";
import { fill, messageRow, noteRow } from "./message-row.js";
import { session } from "../state/session.js";
import { OptimisticChanges, withChange } from "../state/optimistic.js";

export class RowRenderer {
  #scroll;
  #hooks;
  #optimistic = new OptimisticChanges();

  /** Hooks: `again(text)` writes the words of a recalled message once more, `replaced(entry)` hears that an entry has another row.
   *  @param {Pick<App, "scroll"> & { hooks: { again: (words: string) => void, replaced: (entry: Entry) => void } }} parts */
  constructor({ scroll, hooks }) {
    this.#scroll = scroll;
    this.#hooks = hooks;
  }

  /** The words that its row shows.
   *  @param {Entry} entry */
  words(entry) {
    return this.#optimistic.words(entry.id)?.content ?? entry.content;
  }

  /** The message with what I have put on it and the server does not have yet.
   *  @param {Entry} entry */
  withOptimistic(entry) {
    return this.#optimistic.upon(entry, session.me);
  }

  /** A new row for the entry.
   *  @param {Entry} entry */
  draw(entry) {
    return entry.recalled ? noteRow(entry, isMine(entry, session.me)) : messageRow(this.withOptimistic(entry), session.me, this.#optimistic.words(entry.id));
  }

  /** Writes into the row of the entry what it says now.
   *  @param {Entry} entry */
  fill(entry) {
    fill(entry.li, this.withOptimistic(entry), session.me, this.#optimistic.words(entry.id));
  }

  /** Takes another view of a message if it is the newer one.
   *  @param {Entry} entry
   *  @param {Entry} entry */
  update(entry, { rev, content, html, edited, recalled, mentions, reply, reactions, pinned, files }) {
    if (rev <= entry.rev) return;
    const before = { ...entry };
    Object.assign(entry, { rev, content, html, edited, recalled, mentions });
    if (entry.li) entry.li.dataset.rev = String(rev);
    if (before.recalled) return;
    const words = content !== before.content || html !== before.html || edited !== before.edited;
    this.updateExtras(entry, { reply, reactions, pinned, files });
    forgetFiles(before.files?.filter(({ id, gone }) => !gone && !files?.some((file) => file.id === id && !file.gone)));
    if (recalled) this.#scroll.keepPosition(() => this.#showRecalled(entry, before.content));
    else if (words) this.#refill(entry);
  }

  /** What hangs on the message is another now.
   *  @param {Entry} entry
   *  @param {Pick<Entry, "reply" | "reactions" | "pinned" | "files">} what */
  updateExtras(entry, what) {
    Object.assign(entry, what);
    if (entry.li && !entry.recalled) this.#scroll.keepPosition(() => attach(entry.li, this.withOptimistic(entry), session.me));
  }

  /** Shows a change that the server does not have yet; `entry` is its message, if that is in memory.
   *  @param {OutboxItem} item
   *  @param {Entry | undefined} entry */
  showOptimistic(item, entry) {
    this.#optimistic.add(item);
    this.#redraw(item, entry);
  }

  /** A change waits no longer; `ack` says that the server has it. The event itself brings the rest.
   *  @param {OutboxItem} outboxItem
   *  @param {Entry | undefined} entry
   *  @param {Ack} [ack] */
  settle({ nonce, content, does }, entry, ack) {
    if (ack && entry && !entry.recalled && entry.rev < ack.seq) {
      if (does) Object.assign(entry, withChange(entry, does, session.me));
      else if (content !== null) Object.assign(entry, { content, html: undefined, edited: ack.at });
    }
    if (this.#optimistic.drop(nonce)) this.#redraw({ does }, entry);
  }

  /** Another room follows: changes of this one are not shown there. */
  clear() {
    this.#optimistic.clear();
  }

  /** Gives the shown row of somebody who deleted their account to nobody.
   *  @param {Entry} entry */
  anonymise(entry) {
    const li = entry.recalled ? noteRow(entry, false) : messageRow(entry, session.me);
    entry.li.replaceWith(li);
    entry.li = li;
  }

  /** I am another now: signed in elsewhere, or renamed.
   *  @param {Entry[]} shown */
  meChanged(shown) {
    const { me } = session;
    for (const entry of shown) {
      entry.li.classList.toggle("mine", isMine(entry, me));
      if (!entry.recalled) attach(entry.li, this.withOptimistic(entry), me);
      if (!entry.recalled) highlightMentions(entry.li, me);
    }
  }

  /** A change of mine shows, or shows no longer.
   *  @param {Pick<OutboxItem, "does">} outboxItem
   *  @param {Entry | undefined} entry */
  #redraw({ does }, entry) {
    if (entry && does) this.updateExtras(entry, {});
    else this.#refill(entry);
  }

  /** @param {Entry | undefined} entry */
  #refill(entry) {
    if (entry?.li && !entry.recalled) this.#scroll.keepPosition(() => this.fill(entry));
  }

  /** @param {Entry} entry
   *  @param {string | undefined} words */
  #showRecalled(entry, words) {
    const { li } = entry;
    const mine = isMine(entry, session.me);
    entry.li = li && noteRow(entry, mine, mine && words ? () => this.#hooks.again(words) : null);
    li?.replaceWith(entry.li);
    this.#hooks.replaced(entry);
  }
}
