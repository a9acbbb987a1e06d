// The window of rows: the part of the log that stands in the document, at most WINDOW rows of it. Rows that leave at the far end
// are made again from the log when the reader comes back.

import { dress, undress } from "./separators.js";

export const WINDOW = 200;
const STEP = 50;

export class RowWindow {
  #list;
  #log;
  #tail;
  #hooks;
  #from = 0;
  #to = 0;

  /** The rows stand in `list`, before those of `tail`; hooks: `draw(entry)` makes a row, `fresh()` is the id below the line "new messages". */
  constructor({ list, log, tail, hooks }) {
    this.#list = list;
    this.#log = log;
    this.#tail = tail;
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

  holds(index) {
    return index >= this.#from && index < this.#to;
  }

  /** Takes everything in the log as shown: its rows came with the page. */
  adopt() {
    this.#to = this.#log.size;
    for (let index = 0; index < this.#to; index += 1) this.dress(index);
  }

  /** So many entries came in before all others: the same ones stay shown, and the newest make room. */
  shift(count) {
    this.#from += count;
    this.#to += count;
    this.#log.trimNewest(this.#to);
  }

  showOlder() {
    const end = this.#from;
    for (let count = 0; count < STEP && this.#from > 0; count += 1) this.#show(--this.#from);
    for (let index = this.#from; index <= end; index += 1) this.dress(index);
    while (this.#to - this.#from > WINDOW) this.#hide(--this.#to);
  }

  /** Gives how many of the oldest the log has forgotten for it. */
  showNewer() {
    for (let count = 0; count < STEP && this.hasNewer; count += 1) this.#append();
    return this.trimTop();
  }

  showAround(index) {
    this.strip(index - STEP);
    while (this.#to < Math.min(this.#log.size, index + STEP)) this.#append();
  }

  /** Stands at the newest step only, with nothing shown yet. */
  leap() {
    this.strip(this.#log.size - STEP);
  }

  /** Takes all rows out; the window begins anew at `index`. */
  strip(index) {
    while (this.#to > this.#from) this.#hide(--this.#to);
    this.#from = this.#to = Math.max(0, index);
  }

  /** An entry has come into the log; it is shown where the window holds its place, and at its end when the reader `follows` or there is room. */
  take(index, follows) {
    const atTail = this.#to === this.#log.size - 1;
    if (index < this.#from) {
      this.#from += 1;
      this.#to += 1;
    } else if (index < this.#to || (atTail && (follows || this.#to - this.#from < WINDOW))) {
      this.#to += 1;
      this.#show(index);
      this.dress(index);
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
    this.dress(this.#from);
    return forgotten;
  }

  /** Gives the row what depends on the one before it. */
  dress(index) {
    if (!this.holds(index)) return;
    const entry = this.#log.at(index);
    dress(this.#list, entry, this.#log.at(index - 1), entry.id === this.#hooks.fresh());
  }

  #append() {
    this.#to += 1;
    this.#show(this.#to - 1);
    this.dress(this.#to - 1);
  }

  #show(index) {
    const entry = this.#log.at(index);
    entry.li ??= this.#hooks.draw(entry);
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
}
