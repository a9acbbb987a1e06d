// @ts-check
// A picture large, over the room: on to its neighbours by keys, buttons and swipes, through all pictures of the room (file-run.js), closer
// and back (zoom.js), who sent it and when. It comes with the first picture that somebody presses.

import { fileAddress } from "./address.js";
import { authorized } from "../net/credential.js";
import { showDay } from "../ui/dates.js";
import { permalink } from "../state/rooms.js";
import { copy } from "../ui/clipboard.js";
import { personName, say } from "../ui/i18n.js";
import { toast } from "../ui/toast.js";
import { FileRun, NEWER, OLDER, order } from "./file-run.js";
import { lightboxParts } from "./lightbox-parts.js";
import { Zoom } from "./zoom.js";

/** Of one whose size is not known, in px. */
const WIDE = 480, HIGH = 352;
/** So many pictures before the end of those that are known more are asked for. */
const AHEAD = 5;
const root = document.documentElement;

export class Lightbox {
  #parts = lightboxParts();
  #zoom;
  #jump;
  /** @type {number | undefined} */
  #room;
  /** The pictures that are known. @type {FileRun | undefined} */
  #run;
  /** @type {RoomFile | undefined} */
  #shot;
  /** What was pressed: there the focus goes back to.
   *  @type {HTMLElement | undefined} */
  #from;
  /** Hidden ones that their reader has wished to see. @type {Set<string>} */
  #revealed = new Set();

  /** `jump(id)` leads to a message.
   *  @param {{ jump: (id: number) => void }} parts */
  constructor({ jump }) {
    this.#jump = jump;
    const { dialog, image, stage, back, later, closer, farther, link, there, close, show, spoken } = this.#parts;
    this.#zoom = new Zoom({ stage, image, step: (by) => this.#step(by), changed: () => this.#bounds() });
    back.onclick = () => this.#step(OLDER);
    later.onclick = () => this.#step(NEWER);
    closer.onclick = () => this.#zoom.by(1);
    farther.onclick = () => this.#zoom.by(-1);
    close.onclick = () => dialog.close();
    link.onclick = async () => {
      await copy(permalink(this.#room, this.#shot.message), say("copied"));
      // What the page says is out of reach beneath a dialog.
      spoken.textContent = document.getElementById("toast").textContent;
    };
    there.onclick = () => {
      this.#from = undefined;
      dialog.close();
      this.#jump(this.#shot.message);
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

  /** `from` is what was pressed, the link of one of `files`, which are in order and without a hole.
   *  @param {{ room: number, from: HTMLElement, files: RoomFile[] }} what */
  open({ room, from, files }) {
    const shot = files.find(({ file }) => file.id === from.dataset.file);
    const { dialog, close } = this.#parts;
    if (!shot || dialog.open) return;
    this.#from = from;
    this.#room = room;
    this.#run = new FileRun({ room, kinds: ["picture"], files });
    // Its reader has wished to see it already.
    if (!from.closest(".spoiler")) this.#revealed.add(shot.file.id);
    // An entry of its own, for Back; until that is left the way back leads to no other place in the room (rooms/router.js).
    root.dataset.large = "";
    history.pushState({ ...history.state, large: true }, "");
    dialog.showModal();
    close.focus();
    this.#show(shot);
    this.#growBy(OLDER);
    this.#growBy(NEWER);
  }

  /** The room is laid aside, or what was known of it is old: nothing of it is seen any more. */
  leave() {
    this.#from = undefined;
    this.#parts.dialog.close();
  }

  /** Something happened to a message of the room.
   *  @param {MessageChange} event */
  messageChanged(event) {
    const { kind, id } = event;
    if ((kind !== "recall" && kind !== "file") || !this.#parts.dialog.open) return;
    this.#run.messageChanged(event);
    const { message, file } = this.#shot;
    if (message === id && (kind === "recall" || file.id === event.file)) this.#tell(say("picture_recalled"));
    this.#place();
  }

  /** Somebody has sent a message to the room.
   *  @param {Message} message */
  messageSent(message) {
    if (!message.files?.length || !this.#parts.dialog.open) return;
    this.#run.messageSent(message);
    this.#place();
  }

  /** @param {RoomFile} shot */
  #show(shot) {
    const { stage, image, show, who, time, alt, save } = this.#parts;
    const { by, at, file } = shot;
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
    image.style.backgroundImage = hidden ? "" : `url("${fileAddress(id, "s")}")`;
    if (!hidden) image.src = fileAddress(id, "l");
    who.textContent = personName(by);
    showDay(time, at);
    alt.textContent = hidden ? "" : says ?? "";
    save.href = fileAddress(id, "l", true);
    this.#place();
    this.#fetchAhead();
  }

  /** It is not there any more, or the line is not.
   *  @returns {Promise<void>} */
  async #lost() {
    const { id } = this.#shot.file;
    const answer = await fetch(fileAddress(id, "l"), authorized({ method: "HEAD", cache: "reload" })).catch(/** @returns {undefined} */ () => undefined);
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
    const { files, isWhole } = this.#run;
    const [n, all] = [this.#index + 1, files.length];
    count.textContent = n && isWhole ? say("picture_of", { n, all }) : "";
    spoken.textContent = [count.textContent, this.#parts.words.textContent || image.alt].filter(Boolean).join(" · ");
    disable(back, !this.#neighbour(OLDER) && !this.#run.hasMore(OLDER));
    disable(later, !this.#neighbour(NEWER) && !this.#run.hasMore(NEWER));
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

  get #index() {
    return this.#run.files.findIndex(({ file }) => file.id === this.#shot.file.id);
  }

  /** The one before or after it, also where it is not there itself any more.
   *  @param {number} by */
  #neighbour(by) {
    const { files } = this.#run;
    return by < 0 ? files.findLast((each) => order(each, this.#shot) < 0) : files.find((each) => order(each, this.#shot) > 0);
  }

  /** @param {number} by */
  async #step(by) {
    const shot = this.#shot;
    if (!this.#neighbour(by)) await this.#wait(() => this.#run.grow(by));
    const next = this.#neighbour(by);
    if (next && shot === this.#shot) this.#show(next);
  }

  /** To the oldest, or the newest of the room.
   *  @param {number} end */
  async #end(end) {
    const shot = this.#shot;
    if (!await this.#wait(() => this.#run.goTo(end))) return;
    const last = this.#run.files.at(end === OLDER ? 0 : -1);
    if (last && shot === this.#shot) this.#show(last);
  }

  /** For pictures that the reader has asked for: without them they are told why.
   *  @template T
   *  @param {() => Promise<T>} what */
  async #wait(what) {
    try {
      return await what();
    } catch (error) {
      toast(error.message);
    }
  }

  /** More at an end, before somebody comes there; who does is told where it fails.
   *  @param {number} end */
  async #growBy(end) {
    const run = this.#run;
    await run.grow(end).catch(() => {});
    if (run === this.#run && this.#parts.dialog.open) this.#place();
  }

  /** Both neighbours come before they are asked for, and those beyond are known; what is hidden stays where it is. */
  #fetchAhead() {
    for (const by of [NEWER, OLDER]) {
      const file = this.#neighbour(by)?.file;
      if (file && !file.spoiler) new Image().src = fileAddress(file.id, "l");
      const left = by === OLDER ? this.#index : this.#run.files.length - 1 - this.#index;
      if (left < AHEAD && this.#run.hasMore(by)) this.#growBy(by);
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey) return;
    switch (key) {
      case "ArrowLeft": this.#step(OLDER); break;
      case "ArrowRight": this.#step(NEWER); break;
      case "Home": this.#end(OLDER); break;
      case "End": this.#end(NEWER); break;
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
