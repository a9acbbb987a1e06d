// What waits in the rail above or below what is in sight: a word at that edge, and the way there.

import { say } from "../ui/i18n.js";

const WAITING = "li a:is(.unread, :has(em.hit:not([hidden])))";
const LABEL = { up: "unread_above", down: "unread_below" };

export class RailEdges {
  #rail = document.querySelector(".rail");
  #due = false;

  constructor() {
    this.#rail.addEventListener("scroll", () => this.look(), { passive: true });
    const sizes = new ResizeObserver(() => this.look());
    for (const each of [this.#rail, ...this.#rail.querySelectorAll("ul")]) sizes.observe(each);
  }

  /** Something waits, or not, or elsewhere than before. */
  look() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#draw();
    });
  }

  #draw() {
    const { top, bottom, height } = this.#rail.getBoundingClientRect();
    const waiting = height === 0 ? [] : [...this.#rail.querySelectorAll(WAITING)];
    const middle = (link) => {
      const place = link.getBoundingClientRect();
      return (place.top + place.bottom) / 2;
    };
    // The nearest one first.
    this.#show("up", waiting.filter((link) => middle(link) < top).reverse());
    this.#show("down", waiting.filter((link) => middle(link) > bottom));
  }

  #show(way, links) {
    const button = document.getElementById(`rail-${way}`);
    const n = links.reduce((sum, { dataset }) => sum + Number(dataset.waits), 0);
    button.hidden = n === 0;
    button.firstElementChild.textContent = say("unread_wait", { n });
    button.ariaLabel = say(LABEL[way], { n });
    button.classList.toggle("hit", links.some((link) => link.querySelector("em.hit")));
    button.onclick = () => {
      links[0].scrollIntoView({ block: "center" });
      links[0].focus({ preventScroll: true });
    };
  }
}
