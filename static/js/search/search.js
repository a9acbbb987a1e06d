// @ts-check
// Search: a line to type in, choices beside it, and what was found. Each hit is a link to its place.

import { call } from "../net/api.js";
import { isComposingKey } from "../ui/keyboard.js";
import { findPeople } from "../people/direct.js";
import { SearchableList } from "../ui/searchable-list.js";
import { Sheet } from "../ui/sheet.js";
import { session } from "../state/session.js";
import { fileWord, say, personName } from "../ui/i18n.js";
import { clone } from "../ui/templates.js";
import { when } from "../ui/dates.js";
import { path } from "../state/place.js";
import { pathOf } from "../state/rooms.js";

const PAUSE_MS = 200;
/** @type {Hit[]} */
const NO_HITS = [];
/** Names offered at a time. */
const OFFERED = 20;

/** A letter alone begins too many words to look for: what comes next is waited for. */
const BEGUN = /(?:^|\s)(?![\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}])[\p{L}\p{N}]$/u;

export class Search {
  #sheet = new Sheet("search", () => this.#closed());
  #fields = { words: document.getElementById("search-find"), from: document.getElementById("search-from"), room: document.getElementById("search-in"), since: document.getElementById("search-since"), before: document.getElementById("search-before"), link: document.getElementById("search-link"), order: document.getElementById("search-order") };
  #list = document.getElementById("search-list");
  #partial = document.getElementById("search-partial");
  #finder;
  #room;
  #known;
  #asked = 0;
  /** @type {number | undefined} */
  #timer;
  /** @type {HTMLAnchorElement | undefined} */
  #followed;
  #leaving = false;

  /** `room()` is the open one, `known()` the names of people who are at hand.
   *  @param {{ room: () => RoomView | undefined, known: () => string[] }} parts */
  constructor({ room, known }) {
    this.#room = room;
    this.#known = known;
    this.#finder = new SearchableList({
      input: this.#fields.words, list: this.#list, more: document.getElementById("search-more"), state: document.getElementById("search-state"),
      ask: (_, after) => this.#ask(after), row: hitRow,
      nothing: (words) => say(this.#query && !BEGUN.test(words) ? "nothing_said" : "search_hint"),
      taken: (answer) => this.#told(answer),
    });
    const { words, from, link, ...choices } = this.#fields;
    for (const field of [from, ...Object.values(choices)]) field.addEventListener("change", () => this.#finder.begin());
    // Some browsers show today where no day was chosen.
    for (const day of [choices.since, choices.before]) day.addEventListener("change", () => day.classList.toggle("chosen-day", day.value !== ""));
    from.addEventListener("input", () => this.#typed());
    link.onclick = () => {
      link.ariaPressed = String(link.ariaPressed !== "true");
      this.#finder.begin();
    };
    words.addEventListener("keydown", (event) => event.key === "Enter" && !isComposingKey(event) && this.#finder.begin());
    this.#sheet.find(".panel").addEventListener("keydown", (event) => this.#key(event));
    // Where it leads, the page's links know.
    this.#list.addEventListener("click", ({ target, ctrlKey, metaKey, shiftKey }) => {
      const link = target.closest("a");
      if (link && !ctrlKey && !metaKey && !shiftKey) this.#follow(link);
    });
    addEventListener("popstate", ({ state }) => state?.hits && this.#back());
    new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.#nextPage(), { root: this.#list.parentElement, rootMargin: "200px 0px" }).observe(document.getElementById("search-more"));
  }

  /** `here`: in the open room, to begin with.
   *  @param {boolean} here */
  open(here) {
    this.#leaving = false;
    const { words, room } = this.#fields;
    const { id } = this.#room() ?? {};
    const [, inRoom] = room.options;
    // What was chosen for another room is not meant for this one.
    if (inRoom.value !== String(id ?? "")) room.selectedIndex = 0;
    inRoom.value = String(id ?? "");
    inRoom.hidden = inRoom.disabled = id === undefined;
    if (here && id !== undefined) room.selectedIndex = 1;
    this.#sheet.open();
    words.focus();
    words.select();
    this.#finder.begin();
  }

  /** On the way back from a hit the browser's history has the hits before it.
   *  @param {HTMLAnchorElement} link */
  #follow(link) {
    this.#followed = link;
    if (link.pathname !== path()) history.replaceState({ ...history.state, hits: true }, "");
    this.#leaving = true;
    this.#sheet.close();
  }

  #back() {
    this.#leaving = false;
    this.#sheet.open();
    (this.#followed?.isConnected ? this.#followed : this.#fields.words).focus();
  }

  /** Whoever closes the hits has done with them. */
  #closed() {
    const { hits, ...state } = history.state ?? {};
    if (hits && !this.#leaving) history.replaceState(state, "");
  }

  get #query() {
    const { words, from, room, since, before, link } = this.#fields;
    return queryOf({ words: words.value, from: from.value, room: room.value, since: since.value, before: before.value, link: link.ariaPressed === "true" });
  }

  /** @param {string | undefined} after */
  async #ask(after) {
    const q = this.#query;
    if (!q) return { items: NO_HITS };
    const query = { q, order: this.#fields.order.value, zone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC" };
    const { hits, next, complete } = await call("GET", `search?${new URLSearchParams({ ...query, ...(after && { after }) })}`);
    return { items: hits, next, complete };
  }

  /** @param {{ complete?: boolean, next?: string | null }} what */
  #told({ complete = true, next }) {
    this.#partial.hidden = complete;
    const n = this.#list.childElementCount;
    document.getElementById("search-spoken").textContent = n ? say(next ? "search_first" : "search_all", { n }) : "";
  }

  /** The end of the list comes into sight. */
  #nextPage() {
    const more = document.getElementById("search-more");
    if (!more.hidden && this.#list.ariaBusy !== "true") more.click();
  }

  /** Arrows lead from the line through the hits and back.
   *  @param {KeyboardEvent} event */
  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const links = [...this.#list.querySelectorAll("a")];
    const at = links.findIndex((each) => each === document.activeElement);
    if (!step || isComposingKey(event) || (at < 0 && document.activeElement !== this.#fields.words)) return;
    event.preventDefault();
    if (at + step >= links.length) return;
    if (at + step >= 0) links[at + step].focus();
    else this.#fields.words.focus();
  }

  /** Offers the names that this could become. */
  #typed() {
    const q = this.#fields.from.value.trim();
    this.#offer(q, []);
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    if (!q || session.isVisitor) return;
    this.#timer = setTimeout(async () => {
      // Without an answer those at hand are enough.
      const people = await findPeople(q).catch(/** @returns {Person[]} */ () => []);
      if (asked === this.#asked) this.#offer(q, people.map(({ name }) => name));
    }, PAUSE_MS);
  }

  /** @param {string} q
   *  @param {string[]} found */
  #offer(q, found) {
    const fits = this.#known().filter((name) => name.toLowerCase().includes(q.toLowerCase()));
    const names = [...new Set([...fits, ...found])].filter((name) => name && name !== q).slice(0, OFFERED);
    document.getElementById("search-people").replaceChildren(...names.map((value) => Object.assign(document.createElement("option"), { value })));
  }
}

/** The row of a hit as the API tells it; its link leads there.
 *  @param {Hit} what */
function hitRow({ room, message, text, marks }) {
  const row = clone("hit-template");
  row.querySelector("a").href = pathOf(room.id, message.id);
  row.querySelector(".face").src = message.by.avatar;
  row.querySelector(".name").textContent = personName(message.by);
  row.querySelector(".where").textContent = room.name;
  row.querySelector(".when").textContent = when(message.at);
  // The names of files stand behind the words, and before them what the first one is.
  const first = message.files?.find(({ gone }) => !gone);
  row.querySelector(".piece").replaceChildren(first ? `${fileWord(first.kind)} ` : "", ...marked(text, marks));
  return row;
}

/** The text, with a <mark> around each `[from, to]` in UTF-16 units.
 *  @param {string} text
 *  @param {Hit["marks"]} marks */
function marked(text, marks) {
  const parts = [];
  let end = 0;
  for (const [from, to] of marks) {
    parts.push(text.slice(end, from), Object.assign(document.createElement("mark"), { textContent: text.slice(from, to) }));
    end = to;
  }
  return [...parts, text.slice(end)];
}

/** Marks around a name that has spaces; the first pair that it does not use itself. */
const QUOTES = ['""', "“”", "「」", "『』"];

/** `words` as typed, and of what was chosen: `from` a name, `room` an id, `since` and `before` days, `link` true.
 *  @param {{ words: string, from: string, room: string, since: string, before: string, link: boolean }} what */
function queryOf({ words, from, room, since, before, link }) {
  const chosen = [
    words.trim(),
    from.trim() && `from:${quoted(from.trim())}`,
    room && `in:${room}`,
    since && `after:${since}`,
    before && `before:${before}`,
    link && "has:link",
  ];
  return chosen.filter(Boolean).join(" ");
}

/** @param {string} name */
function quoted(name) {
  const [open, close] = QUOTES.find(([one, other]) => !name.includes(one) && !name.includes(other)) ?? QUOTES[0];
  return open + name + close;
}
