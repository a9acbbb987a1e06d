// @ts-check
// The message that the keyboard is at: it shows so, the arrows go to its neighbours, R answers it. All messages are one stop of Tab: the one
// that somebody is at, or else the newest. What is in a message is reached from there.

/** @type {Record<string, "previousElementSibling" | "nextElementSibling">} */
const STEPS = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" };

/** `find(id)` is the message of a row, `actions` what one can do with it.
 *  @param {Pick<App, "list" | "actions"> & { find: (id: number) => Entry | undefined }} what */
export function wireRowKeys({ list, find, actions }) {
  new RowStops(list);
  // A press with the mouse takes the focus there too, and means nothing by it.
  list.addEventListener("focusin", ({ target }) => target.closest(".msg")?.classList.toggle("keyed", target.matches(":focus-visible")));
  list.addEventListener("focusout", ({ target }) => target.closest(".msg")?.classList.remove("keyed"));
  list.addEventListener("keydown", (event) => {
    const { key, target, ctrlKey, metaKey, altKey, shiftKey } = event;
    const row = target.closest(".msg");
    // A player has arrows of its own.
    if (!row || target.matches("video, audio") || ctrlKey || metaKey || altKey || shiftKey) return;
    if (key in STEPS && !target.matches("[role=slider]")) step(event, row, STEPS[key]);
    else if (key.toLowerCase() === "r") answer(event, find(Number(row.dataset.id)));
  });

  /** @param {Event} event
   *  @param {Entry | undefined} entry */
  function answer(event, entry) {
    if (!entry || !actions.may("reply", entry)) return;
    event.preventDefault();
    actions.do("reply", entry);
  }
}

/** @param {Event} event
 *  @param {HTMLElement} row
 *  @param {"previousElementSibling" | "nextElementSibling"} way */
function step(event, row, way) {
  let next = row[way];
  while (next && !next.matches(".msg")) next = next[way];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** A box that moves is a stop always, so that the arrows move it. */
const INSIDE = "a[href], button, video, audio, [tabindex]:not(pre, table)";

class RowStops {
  #list;
  /** @type {HTMLElement | undefined} */
  #row;

  /** @param {HTMLElement} list */
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
    this.#stand(/** @type {HTMLElement} */ ([...this.#list.children].findLast((row) => row.matches(".msg"))));
  }

  /** @param {HTMLElement | null | undefined} row */
  #stand(row) {
    if (!row || row === this.#row) return;
    if (this.#row) this.#close(this.#row);
    this.#row = row;
    this.#open(row);
  }

  /** @param {MutationRecord[]} changes */
  #changed(changes) {
    /** @type {Set<HTMLElement>} */
    const rows = new Set(changes.map(({ target }) => /** @type {Element} */ (target).closest(".msg")));
    for (const { addedNodes } of changes) for (const each of addedNodes) if (each instanceof HTMLElement && each.matches(".msg")) rows.add(each);
    rows.delete(null);
    for (const row of rows) {
      if (!row.isConnected) continue;
      if (row === this.#row) this.#open(row);
      else this.#close(row);
    }
    this.#settle();
  }

  /** @param {HTMLElement} row */
  #open(row) {
    row.tabIndex = 0;
    for (const each of row.querySelectorAll(INSIDE)) {
      // Below others of its author the name is for a screen reader's ear only.
      if (each.matches(".msg:not(.first) .head > .name")) each.tabIndex = -1;
      else if (each.matches("a, button, video, audio")) each.removeAttribute("tabindex");
      else each.tabIndex = 0;
    }
  }

  /** @param {HTMLElement} row */
  #close(row) {
    row.tabIndex = -1;
    for (const each of row.querySelectorAll(INSIDE)) each.tabIndex = -1;
  }
}
