// The messages are one stop of Tab: the one that somebody is at, or else the newest. What is in a message is reached from there.

/** A box that moves is a stop always, so that the arrows move it. */
const INSIDE = "a[href], button, [tabindex]:not(pre, table)";

export class RowStops {
  #list;
  #row;

  constructor(list) {
    this.#list = list;
    for (const each of list.querySelectorAll(".msg")) this.#close(each);
    new MutationObserver((changes) => this.#changed(changes)).observe(list, { childList: true, subtree: true });
    list.addEventListener("focusin", ({ target }) => this.#stand(target.closest(".msg")));
    this.#settle();
  }

  /** Where nobody is at a message, the newest one is the stop. */
  #settle() {
    if (this.#row?.isConnected && this.#row.contains(document.activeElement)) return;
    this.#stand([...this.#list.children].findLast((row) => row.matches(".msg")));
  }

  #stand(row) {
    if (!row || row === this.#row) return;
    if (this.#row) this.#close(this.#row);
    this.#row = row;
    this.#open(row);
  }

  #changed(changes) {
    const rows = new Set(changes.map(({ target }) => target.closest(".msg")));
    for (const { addedNodes } of changes) for (const each of addedNodes) if (each.matches?.(".msg")) rows.add(each);
    rows.delete(null);
    for (const row of rows) if (row.isConnected) row === this.#row ? this.#open(row) : this.#close(row);
    this.#settle();
  }

  #open(row) {
    row.tabIndex = 0;
    for (const each of row.querySelectorAll(INSIDE)) {
      // Below others of its author the name is for a screen reader's ear only.
      if (each.matches(".msg:not(.first) .head > .name")) each.tabIndex = -1;
      else if (each.matches("a, button")) each.removeAttribute("tabindex");
      else each.tabIndex = 0;
    }
  }

  #close(row) {
    row.tabIndex = -1;
    for (const each of row.querySelectorAll(INSIDE)) each.tabIndex = -1;
  }
}
