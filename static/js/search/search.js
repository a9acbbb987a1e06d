// Search: a line to type in, choices beside it, and what was found. Each hit is a link to its place.

import { call } from "../net/api.js";
import { composes } from "../ui/composing.js";
import { findPeople } from "../people/direct.js";
import { Finder } from "../ui/searchable-list.js";
import { hitRow } from "./hit.js";
import { queryOf } from "./query.js";
import { Sheet } from "../ui/sheet.js";
import { say } from "../ui/i18n.js";

const PAUSE_MS = 200;
/** Names offered at a time. */
const OFFERED = 20;

/** A letter alone begins too many words to look for: what comes next is waited for. */
const BEGUN = /(?:^|\s)(?![\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}])[\p{L}\p{N}]$/u;

const part = (name) => document.getElementById(`search-${name}`);

export class Search {
  #sheet = new Sheet("search", () => this.#closed());
  #fields = { words: part("find"), from: part("from"), room: part("in"), since: part("since"), before: part("before"), link: part("link"), order: part("order") };
  #list = part("list");
  #partial = part("partial");
  #finder;
  #room;
  #me;
  #known;
  #asked = 0;
  #timer;
  #followed;
  #leaving = false;

  /** `room()` is the open one, `known()` the names of people who are at hand. */
  constructor({ room, me, known }) {
    this.#room = room;
    this.#me = me;
    this.#known = known;
    this.#finder = new Finder({
      input: this.#fields.words, list: this.#list, more: part("more"), state: part("state"),
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
    words.addEventListener("keydown", (event) => event.key === "Enter" && !composes(event) && this.#finder.begin());
    this.#sheet.find(".panel").addEventListener("keydown", (event) => this.#key(event));
    // Where it leads, the page's links know.
    this.#list.addEventListener("click", ({ target, ctrlKey, metaKey, shiftKey }) => {
      const link = target.closest("a");
      if (link && !ctrlKey && !metaKey && !shiftKey) this.#follow(link);
    });
    addEventListener("popstate", ({ state }) => state?.hits && this.#back());
    new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.#nextPage(), { root: this.#list.parentElement, rootMargin: "200px 0px" }).observe(part("more"));
  }

  /** `here`: in the open room, to begin with. */
  open(here) {
    this.#leaving = false;
    const { words, room } = this.#fields;
    const { id } = this.#room() ?? {};
    const [, inRoom] = room.options;
    // What was chosen for another room is not meant for this one.
    if (inRoom.value !== String(id ?? "")) room.selectedIndex = 0;
    inRoom.value = id ?? "";
    inRoom.hidden = inRoom.disabled = id === undefined;
    if (here && id !== undefined) room.selectedIndex = 1;
    this.#sheet.open();
    words.focus();
    words.select();
    this.#finder.begin();
  }

  /** On the way back from a hit the browser's history has the hits before it. */
  #follow(link) {
    this.#followed = link;
    if (link.pathname !== location.pathname) history.replaceState({ ...history.state, hits: true }, "");
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

  async #ask(after) {
    const q = this.#query;
    if (!q) return { items: [] };
    const query = { q, order: this.#fields.order.value, zone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC" };
    const { hits, next, complete } = await call("GET", `search?${new URLSearchParams({ ...query, ...(after && { after }) })}`);
    return { items: hits, next, complete };
  }

  #told({ complete = true, next }) {
    this.#partial.hidden = complete;
    const n = this.#list.childElementCount;
    part("spoken").textContent = n ? say(next ? "search_first" : "search_all", { n }) : "";
  }

  /** The end of the list comes into sight. */
  #nextPage() {
    const more = part("more");
    if (!more.hidden && this.#list.ariaBusy !== "true") more.click();
  }

  /** Arrows lead from the line through the hits and back. */
  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const links = [...this.#list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (!step || composes(event) || (at < 0 && document.activeElement !== this.#fields.words)) return;
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
    if (!q || this.#me().kind === "visitor") return;
    this.#timer = setTimeout(async () => {
      // Without an answer those at hand are enough.
      const people = await findPeople(q).catch(() => []);
      if (asked === this.#asked) this.#offer(q, people.map(({ name }) => name));
    }, PAUSE_MS);
  }

  #offer(q, found) {
    const fits = this.#known().filter((name) => name.toLowerCase().includes(q.toLowerCase()));
    const names = [...new Set([...fits, ...found])].filter((name) => name && name !== q).slice(0, OFFERED);
    part("people").replaceChildren(...names.map((value) => Object.assign(document.createElement("option"), { value })));
  }
}
