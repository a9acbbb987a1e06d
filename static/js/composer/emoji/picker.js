// @ts-check
// Choosing an emoji: one of the last, by group, or by word. Tabs over a grid (WAI-ARIA, "tabs" and "grid"), a search box above both.

import { clone } from "../../ui/templates.js";
import { isComposingKey } from "../../ui/keyboard.js";
import { emojiTable, toned } from "./data.js";
import { TONES, keepSkinTone, recentEmoji, skinTone, rememberEmoji } from "./recent.js";
import { say } from "../../ui/i18n.js";

const COLUMNS = 8;
/** More than anybody looks through; a better word finds better. */
const FOUND = 96;
/** How near it may come to the edge of the page. */
const EDGE_PX = 8;
const RECENT = 0;

/** @type {Picker | undefined} */
let picker;

/** Opens at `anchor` and gives the emoji that was chosen, or undefined. `each(emoji)`, where it is given, takes those that are chosen
 *  with Shift, which leaves it open.
 *  @param {{ anchor: HTMLElement, each?: (emoji: string) => void }} what */
export function pickEmoji({ anchor, each }) {
  picker ??= new Picker();
  return picker.open(anchor, each);
}

class Picker {
  #box = document.getElementById("emoji");
  #find = document.getElementById("emoji-find");
  #tabs = [...this.#box.querySelectorAll("[role=tab]")];
  #panel = document.getElementById("emoji-panel");
  #grid = document.getElementById("emoji-grid");
  #state = document.getElementById("emoji-state");
  #sample = document.getElementById("emoji-sample");
  #tone = document.getElementById("emoji-tone");
  /** @type {EmojiTable} */
  #table;
  /** @type {HTMLElement} */
  #anchor;
  /** @type {((emoji: string) => void) | undefined} */
  #each;
  /** @type {((emoji?: string) => void) | undefined} */
  #answer;

  constructor() {
    this.#tone.replaceChildren(...TONES.map((tone, n) => Object.assign(new Option(`✋${tone}`, tone), { ariaLabel: say(`tone_${n}`) })));
    this.#tone.value = skinTone();
    this.#tone.onchange = () => {
      keepSkinTone(this.#tone.value);
      this.#draw();
    };
    this.#find.addEventListener("input", () => this.#draw());
    this.#find.addEventListener("keydown", (event) => this.#searchKey(event));
    this.#grid.addEventListener("click", ({ target, shiftKey }) => this.#pick(target.closest("button"), shiftKey));
    this.#grid.addEventListener("keydown", (event) => this.#gridKey(event));
    for (const type of ["focusin", "pointerover"]) this.#grid.addEventListener(type, ({ target }) => this.#show(/** @type {Element} */ (target).closest("button")));
    this.#tabs.forEach((tab, place) => {
      tab.onclick = () => this.#select(place);
      tab.onkeydown = (event) => this.#tabKey(event, place);
    });
    this.#box.addEventListener("toggle", ({ newState }) => newState === "closed" && this.#closed());
  }

  /** @param {HTMLElement} anchor
   *  @param {((emoji: string) => void)} [each] */
  open(anchor, each) {
    if (this.#box.matches(":popover-open")) this.#box.hidePopover();
    if (this.#anchor) this.#anchor.ariaExpanded = "false";
    this.#answer?.();
    this.#anchor = anchor;
    this.#each = each;
    anchor.ariaExpanded = "true";
    this.#find.value = "";
    this.#select(recentEmoji().length ? RECENT : RECENT + 1);
    this.#box.showPopover();
    this.#place();
    // A phone's keyboard would cover what there is to choose from.
    (matchMedia("(hover: hover)").matches ? this.#find : this.#box).focus();
    this.#load();
    return new Promise((resolve) => this.#answer = resolve);
  }

  async #load() {
    if (this.#table) return;
    this.#state.textContent = say("loading_list");
    try {
      this.#table = await emojiTable();
      this.#draw();
    } catch (error) {
      this.#state.textContent = error.message;
    }
  }

  #closed() {
    this.#anchor.ariaExpanded = "false";
    if (this.#box.contains(document.activeElement) || document.activeElement === document.body) this.#anchor.focus();
    this.#answer?.();
    this.#answer = undefined;
  }

  #place() {
    const { left, right, top, bottom } = this.#anchor.getBoundingClientRect();
    const { offsetWidth: wide, offsetHeight: high } = this.#box;
    const x = left + wide + EDGE_PX <= innerWidth ? left : right - wide;
    const y = top - high - EDGE_PX >= 0 ? top - high - EDGE_PX : Math.min(bottom + EDGE_PX, innerHeight - high - EDGE_PX);
    this.#box.style.setProperty("--x", `${Math.max(EDGE_PX, x)}px`);
    this.#box.style.setProperty("--y", `${Math.max(EDGE_PX, y)}px`);
  }

  /** @param {number} place */
  #select(place) {
    this.#find.value = "";
    this.#tabs.forEach((tab, at) => {
      tab.ariaSelected = String(at === place);
      tab.tabIndex = at === place ? 0 : -1;
    });
    this.#panel.setAttribute("aria-labelledby", this.#tabs[place].id);
    this.#draw();
  }

  #draw() {
    if (!this.#table) return;
    const query = this.#find.value.trim();
    const group = this.#tabs.findIndex(({ ariaSelected }) => ariaSelected === "true");
    const tone = this.#tone.value;
    const shown = query ? this.#table.find(query, FOUND) : group === RECENT ? [] : this.#table.groups[group - 1];
    const cells = shown.map((each) => cell(toned(each, tone), each));
    // The last ones stay in the tone in which they were taken.
    if (!query && group === RECENT) cells.push(...recentEmoji().map((emoji) => cell(emoji, this.#table.get(emoji))));
    const rows = [];
    while (cells.length) {
      const row = document.createElement("div");
      row.role = "row";
      row.append(...cells.splice(0, COLUMNS));
      rows.push(row);
    }
    this.#grid.replaceChildren(...rows);
    this.#panel.scrollTop = 0;
    this.#box.classList.toggle("searching", query !== "");
    const first = this.#grid.querySelector("button");
    if (first) first.tabIndex = 0;
    this.#show(first);
    this.#state.textContent = first ? "" : say(query ? "emoji_none" : "emoji_no_recent");
  }

  /** @param {HTMLButtonElement | null} button */
  #show(button) {
    const each = button && this.#table.get(button.value);
    const [picture, name, code] = this.#sample.children;
    picture.textContent = button?.value ?? "";
    name.textContent = button?.title ?? "";
    code.textContent = each?.codes.length ? `:${each.codes[0]}:` : "";
  }

  /** @param {HTMLButtonElement | null} button
   *  @param {boolean} stays */
  #pick(button, stays) {
    if (!button) return;
    rememberEmoji(button.value);
    if (stays && this.#each) return this.#each(button.value);
    const answer = this.#answer;
    this.#answer = undefined;
    this.#box.hidePopover();
    // Whoever hears of it may move the focus on from the anchor.
    this.#anchor.focus();
    answer(button.value);
  }

  /** @param {KeyboardEvent} event */
  #searchKey(event) {
    if (isComposingKey(event)) return;
    const first = this.#grid.querySelector("button");
    if (event.key === "ArrowDown") this.#point(first);
    else if (event.key === "Enter" && this.#find.value.trim()) this.#pick(first, event.shiftKey);
    else if (event.key !== "Enter") return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event
   *  @param {number} place */
  #tabKey(event, place) {
    const last = this.#tabs.length - 1;
    const to = { ArrowRight: place === last ? 0 : place + 1, ArrowLeft: place === 0 ? last : place - 1, Home: 0, End: last }[event.key];
    if (to !== undefined) {
      this.#select(to);
      this.#tabs[to].focus();
    } else if (event.key === "ArrowDown") {
      this.#point(this.#grid.querySelector("button"));
    } else {
      return;
    }
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  #gridKey(event) {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    const cells = [...this.#grid.querySelectorAll("button")];
    const at = cells.findIndex((each) => each === document.activeElement);
    const row = at - (at % COLUMNS);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[key];
    if (key === "Enter") this.#pick(cells[at], shiftKey);
    else if (key === "ArrowUp" && row === 0) this.#find.focus();
    else if (step) this.#point(cells[Math.min(Math.max(at + step, 0), cells.length - 1)]);
    else if (key === "Home") this.#point(cells[row]);
    else if (key === "End") this.#point(cells[Math.min(row + COLUMNS, cells.length) - 1]);
    // Whoever goes on writing goes on searching.
    else return key.length === 1 && key !== " " && !ctrlKey && !metaKey && !altKey && this.#find.focus();
    event.preventDefault();
  }

  /** @param {HTMLButtonElement | null} button */
  #point(button) {
    if (!button) return;
    for (const each of this.#grid.querySelectorAll("[tabindex='0']")) each.tabIndex = -1;
    button.tabIndex = 0;
    button.focus();
  }
}

/** @param {string} emoji
 *  @param {Emoji} [each] */
function cell(emoji, each) {
  const button = clone("emoji-cell-template");
  button.value = button.textContent = emoji;
  button.ariaLabel = button.title = each?.title ?? emoji;
  return button;
}
