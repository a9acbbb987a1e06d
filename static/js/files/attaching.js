// @ts-check
// Ways for files to come in: a button, a key, what is pasted and what is dropped. Where they cannot be sent they are refused before
// anything of them is read; what is chosen waits in the tray (tray.js), which comes with the first of them.

import { whyLocked } from "../composer/composer-locked.js";
import { session } from "../state/session.js";
import { say } from "../ui/i18n.js";
import { lazy, needed } from "../ui/lazy.js";
import { loadMedia } from "../ui/media.js";
import { toast } from "../ui/toast.js";

export class Attaching {
  #button = document.getElementById("attach");
  #input = document.getElementById("attach-input");
  #composer = document.getElementById("composer");
  #main = document.querySelector("main");
  #room;
  #load;
  /** @type {import("./tray.js").Tray | undefined} */
  #tray;
  /** @type {{ room: number, come: Promise<boolean> } | undefined} */
  #coming;
  /** What an earlier page had chosen, until the tray takes it.
   *  @type {OutboxItem[]} */
  #earlier = [];

  /** `transfers()` fetches what brings files to the server; `changed()` hears that there are others to be sent.
   *  @param {Pick<App, "room" | "outbox"> & { transfers: () => Promise<Transfers | undefined>, changed: () => void }} parts */
  constructor({ room, outbox, transfers, changed }) {
    this.#room = room;
    this.#load = lazy(() => Promise.all([import("./tray.js"), needed(transfers()), loadMedia()]), ([{ Tray }, bring]) => {
      this.#tray = new Tray({ room, outbox, transfers: bring, changed });
      return this.#tray;
    });
    this.#button.onclick = () => this.#choose();
    this.#input.onchange = () => {
      this.#take([...this.#input.files]);
      this.#input.value = "";
    };
    document.addEventListener("keydown", (event) => {
      const { key, ctrlKey, metaKey, shiftKey, altKey } = event;
      if (key.toLowerCase() !== "u" || !(ctrlKey || metaKey) || shiftKey || altKey || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      this.#choose();
    });
    document.addEventListener("paste", (event) => {
      const { files, types } = event.clipboardData ?? {};
      // A document brings its words, and a picture of them; files that were copied may bring their names.
      if (!files?.length || (types.includes("text/plain") && !areNames(event.clipboardData.getData("text/plain"), files))) return;
      event.preventDefault();
      this.#takeAll(event.clipboardData);
    });
    document.addEventListener("dragover", (event) => this.#dragged(event));
    document.addEventListener("dragleave", ({ relatedTarget }) => !relatedTarget && this.#frame(false));
    document.addEventListener("drop", (event) => this.#dragged(event));
  }

  /** Whether there are files to be sent in the open room. */
  get any() {
    return Boolean(this.#tray?.any);
  }

  /** Files on their way into the tray of the open room: whether all of them have come there. */
  get coming() {
    return this.#coming?.room === this.#room.id ? this.#coming.come : undefined;
  }

  /** Those that are sent now. */
  take() {
    return this.#tray?.take();
  }

  /** Another room is open. */
  enter() {
    this.#tray?.show();
  }

  /** What one may do here may be another now. */
  show() {
    this.#button.hidden = !session.limits.files?.may;
  }

  /** Chosen by an earlier page, and not sent.
   *  @param {OutboxItem} item */
  restore(item) {
    this.#earlier.push(item);
    this.resume();
  }

  /** There is a line: what did not come before may come now. */
  resume() {
    if (this.#earlier.length) this.#open();
  }

  /** @param {LocalFile} file
   *  @param {boolean} lasting */
  fileChanged(file, lasting) {
    this.#tray?.fileChanged(file, lasting);
  }

  /** Why none can be sent here and now; undefined when they can. */
  get #refusal() {
    if (!session.limits.files?.may) return "words_only";
    if (this.#composer.matches(".lent")) return "edit_no_files";
    const why = whyLocked(this.#room.view, session.me);
    return why && `closed_${why}`;
  }

  /** The tray, with what was left in it; undefined when it does not come. */
  async #open() {
    const tray = await this.#load();
    if (tray) for (const item of this.#earlier.splice(0)) tray.restore(item);
    return tray;
  }

  #choose() {
    if (this.#refusal) toast(say(this.#refusal));
    else this.#input.click();
  }

  /** @param {File[]} files
   *  @param {boolean} [folders] whether there were folders beside them */
  async #take(files, folders) {
    if (this.#refusal) return toast(say(this.#refusal));
    const room = this.#room.id;
    const coming = { room, come: this.#add(files, room, folders).catch(() => false) };
    this.#coming = coming;
    await coming.come;
    if (this.#coming === coming) this.#coming = undefined;
  }

  /** @param {File[]} files
   *  @param {number} room
   *  @param {boolean} [folders] */
  async #add(files, room, folders) {
    const tray = await this.#open();
    const all = Boolean(tray?.add(files, room));
    if (folders && tray) toast(say("no_folders"));
    return all && !folders;
  }

  /** What is dropped or pasted, without folders: a browser gives those as files that cannot be read.
   *  @param {DataTransfer} transfer */
  #takeAll({ files, items }) {
    const isFolder = [...items].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry()?.isDirectory);
    this.#take([...files].filter((_, place) => !isFolder[place]), isFolder.includes(true));
  }

  /** Nothing that is dropped leads away from the page.
   *  @param {On<DragEvent>} event */
  #dragged(event) {
    const { dataTransfer, target, type } = event;
    const files = dataTransfer?.types.includes("Files");
    // Words that are dropped in a field are written there.
    if (!files && target.closest?.("input, textarea")) return;
    event.preventDefault();
    this.#frame(files && type === "dragover" && !this.#refusal);
    if (files && type === "drop") this.#takeAll(dataTransfer);
  }

  /** @param {boolean} shown */
  #frame(shown) {
    // What will take them comes meanwhile.
    if (shown) this.#load();
    this.#main.classList.toggle("drop-here", shown);
  }
}

/** @param {string} words
 *  @param {FileList} files */
function areNames(words, files) {
  return words.split(/[\r\n]+/).every((line) => [...files].some(({ name }) => name.normalize() === line.normalize()));
}
