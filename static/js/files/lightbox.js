// @ts-check
// A picture large, over the room: on to its neighbours by keys, buttons and swipes, closer and back (zoom.js), who sent it and when. It
// comes with the first picture that somebody presses.

import { isPicture } from "../timeline/files-row.js";
import { showDay } from "../ui/dates.js";
import { permalink } from "../state/rooms.js";
import { copy } from "../ui/clipboard.js";
import { personName, say } from "../ui/i18n.js";
import { lightboxParts } from "./lightbox-parts.js";
import { Zoom } from "./zoom.js";

/** Of one whose size is not known, in px. */
const WIDE = 480, HIGH = 352;
const root = document.documentElement;

/** A picture of a message.
 *  @typedef {{ entry: Entry, file: ShownFile }} Shot */

/** The pictures of these messages, in their order.
 *  @param {Entry[]} entries
 *  @returns {Shot[]} */
export function shotsOf(entries) {
  return entries.flatMap((entry) => (entry.files ?? []).filter((file) => file.id && isPicture(file)).map((file) => ({ entry, file })));
}

export class Lightbox {
  #parts = lightboxParts();
  #zoom;
  #shots;
  #room;
  #jump;
  /** @type {Shot | undefined} */
  #shot;
  /** What was pressed: there the focus goes back to.
   *  @type {HTMLElement | undefined} */
  #from;
  /** Hidden ones that their reader has wished to see. @type {Set<string>} */
  #revealed = new Set();

  /** `shots()` are the pictures that there are, oldest first; `jump(id)` leads to a message.
   *  @param {{ shots: () => Shot[], room: () => number, jump: (id: number) => void }} parts */
  constructor({ shots, room, jump }) {
    this.#shots = shots;
    this.#room = room;
    this.#jump = jump;
    const { dialog, image, stage, back, later, closer, farther, link, there, close, show, spoken } = this.#parts;
    this.#zoom = new Zoom({ stage, image, step: (by) => this.#step(by), changed: () => this.#bounds() });
    back.onclick = () => this.#step(-1);
    later.onclick = () => this.#step(1);
    closer.onclick = () => this.#zoom.by(1);
    farther.onclick = () => this.#zoom.by(-1);
    close.onclick = () => dialog.close();
    link.onclick = async () => {
      await copy(permalink(this.#room(), Number(this.#shot.entry.id)), say("copied"));
      // What the page says is out of reach beneath a dialog.
      spoken.textContent = document.getElementById("toast").textContent;
    };
    there.onclick = () => {
      const { id } = this.#shot.entry;
      this.#from = undefined;
      dialog.close();
      this.#jump(Number(id));
    };
    show.onclick = () => {
      this.#revealed.add(this.#shot.file.id);
      this.#show(this.#shot);
    };
    image.onload = () => stage.classList.remove("coming");
    image.onerror = () => this.#lost();
    dialog.addEventListener("keydown", (event) => this.#key(event));
    dialog.addEventListener("close", () => this.#closed());
    addEventListener("popstate", () => this.#went());
  }

  /** @param {Entry} entry
   *  @param {HTMLElement} from its link in the row */
  open(entry, from) {
    const shot = shotsOf([entry]).find(({ file }) => file.id === from.dataset.file);
    const { dialog, close } = this.#parts;
    if (!shot || dialog.open) return;
    this.#from = from;
    // It can be pressed: it is not hidden any more.
    this.#revealed.add(shot.file.id);
    // An entry of its own, for Back; until that is left the way back leads to no other place in the room (rooms/router.js).
    root.dataset.large = "";
    history.pushState({ ...history.state, large: true }, "");
    dialog.showModal();
    close.focus();
    this.#show(shot);
  }

  /** Something happened to a message of the room.
   *  @param {MessageChange} event */
  messageChanged({ kind, id }) {
    if ((kind !== "recall" && kind !== "file") || !this.#parts.dialog.open) return;
    const { entry, file } = this.#shot;
    if (entry.id === id && !entry.files?.some((each) => each.id === file.id && !each.gone)) this.#tell(say("picture_recalled"));
    this.#place();
  }

  /** @param {Shot} shot */
  #show(shot) {
    const { stage, image, show, who, time, alt, save } = this.#parts;
    const { entry: { by, at }, file } = shot;
    const { id, w = WIDE, h = HIGH, name, alt: says } = file;
    this.#shot = shot;
    this.#zoom.reset();
    const hidden = Boolean(file.spoiler) && !this.#revealed.has(id);
    stage.className = hidden ? "stage" : "stage coming";
    image.hidden = hidden;
    show.hidden = !hidden;
    this.#parts.words.textContent = "";
    image.removeAttribute("src");
    // Its place is known before it comes.
    image.style.setProperty("--w", String(w));
    image.style.setProperty("--h", String(h));
    // What is hidden is not told in words either.
    image.alt = hidden ? "" : says || name;
    image.style.backgroundImage = hidden ? "" : `url("/files/${id}/s")`;
    if (!hidden) image.src = `/files/${id}/l`;
    who.textContent = personName(by);
    showDay(time, at);
    alt.textContent = hidden ? "" : says ?? "";
    save.href = `/files/${id}/l?save`;
    this.#place();
    this.#fetchAhead();
  }

  /** It is not there any more, or the line is not.
   *  @returns {Promise<void>} */
  async #lost() {
    const { id } = this.#shot.file;
    const answer = await fetch(`/files/${id}/l`, { method: "HEAD", cache: "reload" }).catch(/** @returns {undefined} */ () => undefined);
    if (id === this.#shot.file.id && this.#parts.image.hasAttribute("src")) this.#tell(say(answer ? "file_absent" : "unreachable"));
  }

  /** Words in the place of the picture.
   *  @param {string} words */
  #tell(words) {
    const { image, show, stage, words: place, alt } = this.#parts;
    this.#zoom.reset();
    image.removeAttribute("src");
    image.style.backgroundImage = "";
    image.hidden = show.hidden = true;
    image.alt = alt.textContent = "";
    stage.className = "stage";
    place.textContent = words;
  }

  /** Which one it is, and what can be done with it. */
  #place() {
    const { dialog, close, spoken, count, back, later, save, link, there, image } = this.#parts;
    const shots = this.#shots();
    const [n, all] = [this.#index(shots) + 1, shots.length];
    count.textContent = n ? say("picture_of", { n, all }) : "";
    spoken.textContent = [count.textContent, this.#parts.words.textContent || image.alt].filter(Boolean).join(" · ");
    disable(back, !this.#neighbour(shots, -1));
    disable(later, !this.#neighbour(shots, 1));
    save.hidden = link.hidden = there.hidden = !n;
    this.#bounds();
    // What had the focus may be hidden now, and the keys are the dialog's.
    const { activeElement: at } = document;
    if (!dialog.contains(at) || /** @type {HTMLElement} */ (at).hidden) close.focus();
  }

  #bounds() {
    const { closer, farther, image } = this.#parts;
    disable(closer, image.hidden || this.#zoom.isNearest);
    disable(farther, image.hidden || this.#zoom.isWhole);
  }

  /** @param {Shot[]} shots */
  #index(shots) {
    return shots.findIndex(({ file }) => file.id === this.#shot.file.id);
  }

  /** The one before or after it, also where it is not there itself any more.
   *  @param {Shot[]} shots
   *  @param {number} by */
  #neighbour(shots, by) {
    const { seq } = this.#shot.entry;
    const index = this.#index(shots);
    if (index >= 0) return shots[index + by];
    return by < 0 ? shots.findLast(({ entry }) => entry.seq < seq) : shots.find(({ entry }) => entry.seq > seq);
  }

  /** @param {number} by */
  #step(by) {
    const next = this.#neighbour(this.#shots(), by);
    if (next) this.#show(next);
  }

  /** Both neighbours come before they are asked for; what is hidden stays where it is. */
  #fetchAhead() {
    const shots = this.#shots();
    for (const by of [1, -1]) {
      const file = this.#neighbour(shots, by)?.file;
      if (file && !file.spoiler) new Image().src = `/files/${file.id}/l`;
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey) return;
    const shots = this.#shots();
    switch (key) {
      case "ArrowLeft": this.#step(-1); break;
      case "ArrowRight": this.#step(1); break;
      case "Home": if (shots.length) this.#show(shots[0]); break;
      case "End": if (shots.length) this.#show(shots.at(-1)); break;
      case "+":
      case "=": this.#zoom.by(1); break;
      case "-": this.#zoom.by(-1); break;
      default: return;
    }
    event.preventDefault();
  }

  #closed() {
    const { image } = this.#parts;
    image.removeAttribute("src");
    image.style.backgroundImage = "";
    if (history.state?.large) history.back();
    else delete root.dataset.large;
    const row = this.#from?.isConnected ? this.#from : document.querySelector("#messages > [tabindex='0']");
    if (this.#from) row?.focus({ preventScroll: true });
  }

  /** Its entry in the history has been left: the router has heard of it before. */
  #went() {
    if (!("large" in root.dataset)) return;
    delete root.dataset.large;
    this.#parts.dialog.close();
  }
}

/** One that has the focus keeps it: it does nothing, and says so.
 *  @param {HTMLButtonElement} button
 *  @param {boolean} disabled */
function disable(button, disabled) {
  button.ariaDisabled = String(disabled);
}
