// @ts-check
// The gallery of the open room: its pictures, its files and its voices, the newest first, by months. It fills as its reader scrolls, and
// goes along with what is sent and recalled meanwhile.

import { isPicture } from "../timeline/files-row.js";
import { say } from "../ui/i18n.js";
import { FileRun, OLDER } from "./file-run.js";
import { galleryParts, line, monthOf, section, tile } from "./gallery-parts.js";
import { enliven } from "./live-files.js";

/** What the tabs show.
 *  @type {Record<string, GalleryKind[]>} */
const TABS = { pictures: ["picture", "video"], files: ["file", "audio"], voices: ["voice"] };
/** Files of a tab that are shown at most: a page that has more is slow on a phone. Older ones are in the timeline, and are found by the search. */
const MOST = 2_000;
/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export class Gallery {
  #parts = galleryParts(Object.keys(TABS));
  #picture;
  #jump;
  /** @type {number | undefined} */
  #room;
  #name = "";
  /** @type {FileRun | undefined} */
  #run;
  /** Files by their items, and months by their names, of the tab that is open.
   *  @type {Map<string, HTMLLIElement>} */
  #items = new Map();
  /** @type {Map<string, ReturnType<typeof section>>} */
  #months = new Map();
  #end = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.#grow(), { root: this.#parts.panel, rootMargin: "400px 0px" });

  /** `picture(what)` shows one large, `jump(id)` leads to a message.
   *  @param {{ picture: (what: { room: number, from: HTMLElement, files: RoomFile[] }) => void, jump: (id: number) => void }} parts */
  constructor({ picture, jump }) {
    this.#picture = picture;
    this.#jump = jump;
    const { dialog, close, list, panel, more } = this.#parts;
    close.onclick = () => dialog.close();
    more.onclick = () => this.#grow();
    dialog.addEventListener("pointerdown", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => this.#closed());
    for (const tab of this.#tabs) tab.onclick = () => this.#choose(tab);
    list.addEventListener("keydown", (event) => this.#tabKey(event));
    panel.addEventListener("keydown", (event) => this.#panelKey(event));
    panel.addEventListener("click", (event) => this.#press(event));
  }

  /** @param {number} room */
  open(room) {
    const { dialog } = this.#parts;
    if (dialog.open) return;
    this.#room = room;
    dialog.showModal();
    const [first] = this.#tabs;
    this.#choose(first);
    first.focus();
  }

  close() {
    this.#parts.dialog.close();
  }

  /** What happened meanwhile is not told: everything is asked for anew. */
  renew() {
    if (this.#run) this.#choose(this.#tabs.find((tab) => tab.tabIndex === 0));
  }

  /** Something happened to a message of the room.
   *  @param {MessageChange} event */
  messageChanged(event) {
    if ((event.kind !== "recall" && event.kind !== "file") || !this.#run) return;
    this.#run.messageChanged(event);
    this.#draw();
  }

  /** Somebody has sent a message to the room.
   *  @param {Message} message */
  messageSent(message) {
    if (!message.files?.length || !this.#run) return;
    this.#run.messageSent(message);
    this.#draw();
  }

  get #tabs() {
    return /** @type {HTMLButtonElement[]} */ ([...this.#parts.list.children]);
  }

  #closed() {
    this.#room = this.#run = undefined;
    this.#clear();
  }

  #clear() {
    this.#end.disconnect();
    this.#items.clear();
    this.#months.clear();
    this.#parts.all.replaceChildren();
  }

  /** @param {HTMLButtonElement} chosen */
  #choose(chosen) {
    for (const tab of this.#tabs) {
      tab.ariaSelected = String(tab === chosen);
      tab.tabIndex = tab === chosen ? 0 : -1;
    }
    const { panel, state } = this.#parts;
    panel.setAttribute("aria-labelledby", chosen.id);
    panel.scrollTop = 0;
    this.#clear();
    this.#name = chosen.id.replace("gallery-", "");
    this.#run = new FileRun({ room: this.#room, kinds: TABS[this.#name] });
    state.textContent = say("loading_list");
    this.#grow();
  }

  async #grow() {
    const run = this.#run;
    if (!run?.hasMore(OLDER)) return;
    const { panel, state, more } = this.#parts;
    panel.ariaBusy = "true";
    /** @type {string | undefined} */
    let problem;
    try {
      await run.grow(OLDER);
    } catch (error) {
      problem = error.message;
    }
    if (run !== this.#run) return;
    panel.ariaBusy = "false";
    if (!problem) return this.#draw();
    // It is tried again when its reader asks for it.
    this.#end.disconnect();
    state.textContent = problem;
    more.hidden = false;
  }

  /** Shows the files that are known; what stands there already stays. */
  #draw() {
    const { all, state, more } = this.#parts;
    const files = this.#run.files.slice(-MOST).reverse();
    const known = new Set(files.map(({ file }) => file.id));
    const focused = all.contains(document.activeElement);
    for (const [id, item] of this.#items) {
      if (known.has(id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    /** @type {Map<string, RoomFile[]>} */
    const byMonth = Map.groupBy(files, ({ at }) => monthOf(at));
    for (const [month, { element }] of this.#months) {
      if (byMonth.has(month)) continue;
      element.remove();
      this.#months.delete(month);
    }
    [...byMonth].forEach(([month, its], place) => {
      if (!this.#months.has(month)) this.#months.set(month, section(month, this.#name === "pictures"));
      const { element, list } = this.#months.get(month);
      putAt(all, element, place);
      its.forEach((each, index) => putAt(list, this.#item(each), index));
    });
    const full = files.length === MOST && this.#run.files.length > MOST;
    const goesOn = !full && this.#run.hasMore(OLDER);
    state.textContent = full ? say("gallery_full", { n: MOST }) : files.length || goesOn ? "" : say(`gallery_no_${this.#name}`);
    more.hidden = !goesOn;
    this.#end.disconnect();
    // Seen anew, it tells also when it has stayed in sight.
    if (goesOn) this.#end.observe(more);
    // What had the focus has been taken back.
    if (focused && !all.contains(document.activeElement)) (all.querySelector("a") ?? this.#tabs.find((tab) => tab.tabIndex === 0)).focus();
  }

  /** @param {RoomFile} each */
  #item(each) {
    const { id } = each.file;
    if (!this.#items.has(id)) {
      const item = (this.#name === "pictures" ? tile : line)(each, this.#room);
      item.dataset.message = String(each.message);
      this.#items.set(id, item);
      // A video without a picture has nothing that comes.
      if (item.querySelector("img, .file")) enliven(item);
    }
    return this.#items.get(id);
  }

  /** A picture opens large, and leads through those that are here; other links lead to the message, or save.
   *  @param {On<MouseEvent>} event */
  #press(event) {
    const { target, ctrlKey, metaKey, shiftKey } = event;
    const link = target.closest("a");
    if (!link || ctrlKey || metaKey || shiftKey || event.defaultPrevented || link.matches(".file[data-file]")) return;
    event.preventDefault();
    const files = this.#run.files.filter(({ file }) => isPicture(file));
    if (files.some(({ file }) => file.id === link.dataset.file)) return this.#picture({ room: this.#room, from: link, files });
    this.close();
    this.#jump(Number(link.closest("li").dataset.message));
  }

  /** @param {KeyboardEvent} event */
  #tabKey(event) {
    const all = this.#tabs;
    const here = all.findIndex((tab) => tab === document.activeElement);
    const to = event.key === "Home" ? 0 : event.key === "End" ? all.length - 1 : here + (STEPS[event.key] ?? NaN);
    if (Number.isNaN(to)) return;
    event.preventDefault();
    const next = all.at(to % all.length);
    this.#choose(next);
    next.focus();
  }

  /** The arrows go from file to file: along the line, and to the one that is nearest in the line above or below.
   *  @param {KeyboardEvent} event */
  #panelKey(event) {
    const step = STEPS[event.key];
    const links = /** @type {HTMLElement[]} */ ([...this.#parts.all.querySelectorAll("li a:not(.there)")]);
    const here = links.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (!step || here < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = event.key === "ArrowLeft" || event.key === "ArrowRight" ? links[here + step] : beyond(links, here, step);
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }
}

/** Stands already where it belongs, or is put there.
 *  @param {HTMLElement} parent
 *  @param {HTMLElement} child
 *  @param {number} place */
function putAt(parent, child, place) {
  if (parent.children[place] !== child) parent.insertBefore(child, parent.children[place] ?? null);
}

/** The nearest one in the next line up or down.
 *  @param {HTMLElement[]} links
 *  @param {number} here
 *  @param {number} step */
function beyond(links, here, step) {
  const from = links[here].getBoundingClientRect();
  /** @type {HTMLElement | undefined} */
  let best;
  let [nearest, line] = [Infinity, NaN];
  for (let at = here + step; at in links; at += step) {
    const { left, top } = links[at].getBoundingClientRect();
    if (Math.abs(top - from.top) < 2) continue;
    if (Number.isNaN(line)) line = top;
    if (Math.abs(top - line) > 2) break;
    if (Math.abs(left - from.left) >= nearest) continue;
    nearest = Math.abs(left - from.left);
    best = links[at];
  }
  return best;
}
