// @ts-check
// The window of rows: the part of the log that stands in the document, at most WINDOW rows of it. Rows that leave at the far end
// are made again from the log when the reader comes back.

import { decorate, undecorate } from "./separators.js";

export const WINDOW = 200;
const STEP = 50;

export class RowWindow {
  #list;
  #log;
  #pendingRows;
  #hooks;
  #from = 0;
  #to = 0;

  /** The rows stand in `list`, before those of `pendingRows`; hooks: `draw(entry)` makes a row, `fresh()` is the id below the line "new messages".
   *  @param {Pick<App, "list" | "pendingRows"> & { log: MessageLog, hooks: { draw: (entry: Entry) => HTMLElement, fresh: () => Entry["id"] | undefined } }} parts */
  constructor({ list, log, pendingRows, hooks }) {
    this.#list = list;
    this.#log = log;
    this.#pendingRows = pendingRows;
    this.#hooks = hooks;
  }

  /** Older ones are in memory. */
  get hasOlder() {
    return this.#from > 0;
  }

  /** Newer ones are in memory. */
  get hasNewer() {
    return this.#to < this.#log.size;
  }

  get entries() {
    return Array.from({ length: this.#to - this.#from }, (_, place) => this.#log.at(this.#from + place));
  }

  /** @param {number} index */
  holds(index) {
    return index >= this.#from && index < this.#to;
  }

  /** Takes everything in the log as shown: its rows came with the page. */
  adopt() {
    this.#to = this.#log.size;
    for (let index = 0; index < this.#to; index += 1) this.decorate(index);
  }

  /** So many entries came in before all others: the same ones stay shown, and the newest make room.
   *  @param {number} count */
  shift(count) {
    this.#from += count;
    this.#to += count;
    this.#log.trimNewest(this.#to);
  }

  showOlder() {
    const end = this.#from;
    for (let count = 0; count < STEP && this.#from > 0; count += 1) this.#show(--this.#from);
    for (let index = this.#from; index <= end; index += 1) this.decorate(index);
    while (this.#to - this.#from > WINDOW) this.#hide(--this.#to);
  }

  /** Gives how many of the oldest the log has forgotten for it. */
  showNewer() {
    for (let count = 0; count < STEP && this.hasNewer; count += 1) this.#append();
    return this.trimTop();
  }

  /** @param {number} index */
  showAround(index) {
    this.resetTo(index - STEP);
    while (this.#to < Math.min(this.#log.size, index + STEP)) this.#append();
  }

  /** Stands at the newest step only, with nothing shown yet. */
  jumpToEnd() {
    this.resetTo(this.#log.size - STEP);
  }

  /** Takes all rows out; the window begins anew at `index`.
   *  @param {number} index */
  resetTo(index) {
    while (this.#to > this.#from) this.#hide(--this.#to);
    this.#from = this.#to = Math.max(0, index);
  }

  /** An entry has come into the log; it is shown where the window holds its place, and at its end when the reader `follows` or there is room.
   *  @param {number} index
   *  @param {boolean} follows */
  entryAdded(index, follows) {
    const atTail = this.#to === this.#log.size - 1;
    if (index < this.#from) {
      this.#from += 1;
      this.#to += 1;
    } else if (index < this.#to || (atTail && (follows || this.#to - this.#from < WINDOW))) {
      this.#to += 1;
      this.#show(index);
      this.decorate(index);
    } else {
      const entry = this.#log.at(index);
      entry.li?.remove();
      if (!entry.recalled) entry.li = null;
    }
  }

  /** Gives how many of the oldest the log has forgotten for it. */
  trimTop() {
    // Some at once: another row at the upper end costs as much as one at the lower.
    if (this.#to - this.#from > WINDOW) while (this.#to - this.#from > WINDOW - STEP) this.#hide(this.#from++);
    const forgotten = this.#log.trimOldest(this.#from);
    this.#from -= forgotten;
    this.#to -= forgotten;
    this.decorate(this.#from);
    return forgotten;
  }

  /** Gives the row what depends on the one before it.
   *  @param {number} index */
  decorate(index) {
    if (!this.holds(index)) return;
    const entry = this.#log.at(index);
    decorate(this.#list, entry, this.#log.at(index - 1), entry.id === this.#hooks.fresh());
  }

  #append() {
    this.#to += 1;
    this.#show(this.#to - 1);
    this.decorate(this.#to - 1);
  }

  /** @param {number} index */
  #show(index) {
    const entry = this.#log.at(index);
    entry.li ??= this.#hooks.draw(entry);
    const after = index + 1 < this.#to ? this.#log.at(index + 1) : null;
    const next = after?.day ?? after?.fresh ?? after?.li ?? this.#pendingRows.first;
    if (entry.li.parentNode !== this.#list || entry.li.nextSibling !== next) this.#list.insertBefore(entry.li, next);
  }

  /** @param {number} index */
  #hide(index) {
    const entry = this.#log.at(index);
    undecorate(entry);
    // A note from the page itself cannot be made again: its author's name came in the sentence only.
    if (!entry.recalled) entry.li = null;
  }
}
