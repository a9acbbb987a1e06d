// @ts-check
// The rows at the end of the timeline that are not messages yet: waiting for the server, or failed with the reason.

import { attach } from "../timeline/message-extras.js";
import { shownFiles } from "./item-files.js";
import { quoteAfter } from "../state/message-reducer.js";
import { clone } from "../ui/templates.js";
import { showAuthor, messageRow, markPending } from "../timeline/message-row.js";
import { session } from "../state/session.js";
import { say } from "../ui/i18n.js";
import { lazy } from "../ui/lazy.js";
import { loadMedia } from "../ui/media.js";

const rings = lazy(() => Promise.all([import("../files/rings.js"), loadMedia()]), ([module]) => module);

export class PendingRows {
  #list;
  #act;
  /** @type {Map<Nonce, PendingRow>} */
  #rows = new Map();

  /** `act.retry(nonce)` and `act.discard(nonce)` are what a failed row offers, `act.cancel(nonce)` one whose files are on their way.
   *  @param {Pick<App, "list"> & { act: Record<"retry" | "discard" | "cancel", (nonce: Nonce) => void> }} parts */
  constructor({ list, act }) {
    this.#list = list;
    this.#act = act;
  }

  get first() {
    return this.#rows.values().next().value?.li ?? null;
  }

  /** @param {OutboxItem} item */
  showPending(item) {
    const { content, at, reply } = item;
    const files = shownFiles(item.files);
    const li = messageRow({ content, by: session.me, at, reply, files }, session.me);
    li.dataset.nonce = item.nonce;
    markPending(li, true);
    this.#place(item.nonce, { li, at, by: session.me, reply, files });
    if (files) this.showFiles(item);
  }

  /** Its files are further on their way.
   *  @param {OutboxItem} item */
  async showFiles(item) {
    const row = this.#rows.get(item.nonce);
    if (!row) return;
    row.files = shownFiles(item.files);
    attach(row.li, row, session.me);
    (await rings())?.showRings(row.li, item, () => this.#act.cancel(item.nonce));
  }

  /** A message has changed: those that answer it show it as it is now.
   *  @param {MessageChange} event */
  change(event) {
    for (const row of this.#rows.values()) {
      const reply = quoteAfter(row.reply, event);
      if (reply) attach(row.li, Object.assign(row, { reply }), session.me);
    }
  }

  /** In the order in which they were written, whoever wrote them first.
   *  @param {Nonce} nonce
   *  @param {PendingRow} row */
  #place(nonce, row) {
    const later = [...this.#rows].filter(([, { at }]) => at > row.at);
    this.#list.insertBefore(row.li, later[0]?.[1].li ?? null);
    this.#rows.set(nonce, row);
    for (const [name, each] of later) {
      this.#rows.delete(name);
      this.#rows.set(name, each);
    }
  }

  /** Still waiting, with a reason to show.
   *  @param {OutboxItem} item
   *  @param {string} why */
  showDelayed(item, why) {
    if (!this.#rows.has(item.nonce)) this.showPending(item);
    this.#explain(this.#rows.get(item.nonce).li, why).querySelectorAll("button").forEach((button) => button.remove());
  }

  /** @param {OutboxItem} item */
  showFailed(item) {
    if (!this.#rows.has(item.nonce)) this.showPending(item);
    const { li } = this.#rows.get(item.nonce);
    markPending(li, false);
    li.classList.add("failed");
    const why = this.#explain(li, `${say("not_sent")} ${item.why}`);
    why.querySelector(".retry").onclick = () => this.#act.retry(item.nonce);
    why.querySelector(".discard").onclick = () => this.#act.discard(item.nonce);
    if (!item.files) return;
    this.showFiles(item);
    rings().then((part) => part?.showProblem(why, item, () => this.#act.retry(item.nonce)));
  }

  /** Takes the row out as it is now a message; the caller places it.
   *  @param {Nonce} nonce */
  release(nonce) {
    const li = this.#rows.get(nonce)?.li;
    if (!li) return null;
    this.#rows.delete(nonce);
    // It was read out when it was written.
    li.ariaLive = "off";
    delete li.dataset.nonce;
    markPending(li, false);
    li.classList.remove("failed");
    for (const part of li.querySelectorAll(".why, .cancel-files")) part.remove();
    return li;
  }

  /** @param {Nonce} nonce */
  remove(nonce) {
    this.release(nonce)?.remove();
  }

  /** Another room is open: the rows of this one are made again when it is. */
  clear() {
    for (const nonce of [...this.#rows.keys()]) this.remove(nonce);
  }

  /** Shows a face where the row before is another's.
   *  @param {Pick<Entry, "by" | "at" | "recalled"> | undefined} last
   *  @param {Follows} follows */
  decorate(last, follows) {
    for (const row of this.#rows.values()) {
      showAuthor(row.li, !follows(last, row));
      last = row;
    }
  }

  /** @param {HTMLElement} li
   *  @param {string} text */
  #explain(li, text) {
    li.querySelector(".why")?.remove();
    const why = clone("why-template");
    why.firstElementChild.textContent = text;
    li.append(why);
    return why;
  }
}
