// @ts-check
// The tray above the composer: files that are chosen and not sent yet, of each room its own. They are on their way already; what they
// are called, whom they are described to and in which order they stand is said here.

import { isFor } from "../outbox/outbox-db.js";
import { newNonce } from "../net/nonce.js";
import { serverNow } from "../ui/dates.js";
import { session } from "../state/session.js";
import { say } from "../ui/i18n.js";
import { toast } from "../ui/toast.js";
import { asFile } from "./rings.js";
import { isImage } from "./shrink.js";
import { TrayRow } from "./tray-row.js";

const MIB = 1024 * 1024;

export class Tray {
  #room;
  #outbox;
  #transfers;
  #heard;
  #box = document.createElement("section");
  #list = document.createElement("ul");
  #spoken = Object.assign(document.createElement("p"), { className: "hush", role: "status" });
  /** @type {Map<number, OutboxItem>} */
  #trays = new Map();
  /** @type {Map<LocalFile, TrayRow>} */
  #rows = new Map();

  /** `changed()` hears that there are others in the open room than before.
   *  @param {Pick<App, "room" | "outbox"> & { transfers: Transfers, changed: () => void }} parts */
  constructor({ room, outbox, transfers, changed }) {
    this.#room = room;
    this.#outbox = outbox;
    this.#transfers = transfers;
    this.#heard = changed;
    Object.assign(this.#box, { className: "file-tray", ariaLabel: say("files_chosen"), hidden: true });
    this.#box.append(this.#list, this.#spoken);
    document.querySelector(".composer .box").before(this.#box);
    session.subscribe(() => this.#become());
  }

  get any() {
    return Boolean(this.#files.length);
  }

  /** Takes files in, as far as they may be sent; of the others it says why not. Gives whether it has taken all.
   *  @param {File[]} files
   *  @param {number} room */
  add(files, room) {
    const tray = this.#trays.get(room) ?? this.#made(room);
    const { each, file_bytes: most } = session.limits.files;
    /** @type {Set<string>} */
    const told = new Set();
    for (const file of files) {
      const problem = tray.files.length >= each ? say("too_many_files", { n: each }) : whyNot(file, most);
      if (problem) told.add(problem);
      else tray.files.push(local(file));
    }
    if (told.size) toast([...told].join(" "));
    this.#keep(tray);
    for (const file of tray.files) this.#transfers.start(file, room);
    this.show();
    return !told.size;
  }

  /** Chosen by an earlier page, and perhaps before what is here: they stand in the order in which they were chosen.
   *  @param {OutboxItem} item */
  restore(item) {
    const tray = this.#trays.get(item.room);
    if (tray) {
      tray.files.splice(item.at < tray.at ? 0 : tray.files.length, 0, ...item.files);
      this.#outbox.dropTray(item.nonce);
    } else {
      this.#trays.set(item.room, item);
    }
    this.#keep(tray ?? item);
    for (const file of item.files) this.#transfers.start(file, item.room);
    this.show();
  }

  /** Those that are sent now: whoever takes them looks after them from here on. */
  take() {
    const tray = this.#trays.get(this.#room.id);
    if (!tray?.files.length) return undefined;
    this.#trays.delete(this.#room.id);
    this.show();
    const { nonce, files } = tray;
    return { nonce, files };
  }

  /** Shows those of the open room. */
  show() {
    const files = this.#files;
    for (const [file, row] of this.#rows) {
      if (files.includes(file)) continue;
      row.li.remove();
      this.#rows.delete(file);
    }
    files.forEach((file, place) => {
      const row = this.#rows.get(file) ?? this.#row(file);
      this.#rows.set(file, row);
      if (this.#list.children[place] !== row.li) this.#list.insertBefore(row.li, this.#list.children[place] ?? null);
      row.show({ first: place === 0, last: place === files.length - 1 });
    });
    this.#box.hidden = !files.length;
    this.#count();
    this.#heard();
  }

  /** @param {LocalFile} file
   *  @param {boolean} lasting */
  fileChanged(file, lasting) {
    const tray = [...this.#trays.values()].find(({ files }) => files.includes(file));
    if (!tray) return;
    if (lasting) this.#outbox.keepTray(tray);
    this.#rows.get(file)?.update();
    if (lasting) this.#count();
  }

  get #files() {
    return this.#trays.get(this.#room.id)?.files ?? [];
  }

  /** @param {number} room */
  #made(room) {
    /** @type {OutboxItem} */
    const tray = { nonce: newNonce(), room, author: session.me.id, at: serverNow(), content: "", tray: true, files: [] };
    this.#trays.set(room, tray);
    return tray;
  }

  /** An empty one is none.
   *  @param {OutboxItem} tray */
  #keep(tray) {
    if (tray.files.length) return this.#outbox.keepTray(tray);
    this.#outbox.dropTray(tray.nonce);
    this.#trays.delete(tray.room);
  }

  /** @param {LocalFile} file */
  #row(file) {
    return new TrayRow(file, {
      changed: () => this.#keep(this.#of(file)),
      remove: () => this.#remove(file),
      move: (by) => this.#move(file, by),
      retry: () => this.#start(file),
      asFile: () => {
        this.#transfers.withdraw(file);
        asFile(file);
        this.#start(file);
      },
      original: (full) => this.#original(file, full),
    });
  }

  /** @param {LocalFile} file */
  #of(file) {
    return [...this.#trays.values()].find(({ files }) => files.includes(file));
  }

  /** @param {LocalFile} file */
  #start(file) {
    this.#transfers.start(file, this.#of(file).room);
    this.#rows.get(file)?.update();
  }

  /** @param {LocalFile} file */
  #remove(file) {
    const tray = this.#of(file);
    const place = tray.files.indexOf(file);
    tray.files.splice(place, 1);
    this.#transfers.discard(file);
    this.#keep(tray);
    this.show();
    const next = this.#rows.get(tray.files[place] ?? tray.files.at(-1));
    if (next) next.focus();
    else document.getElementById("say").focus({ preventScroll: true });
  }

  /** @param {LocalFile} file
   *  @param {number} by */
  #move(file, by) {
    const tray = this.#of(file);
    const place = tray.files.indexOf(file);
    tray.files.splice(place, 1);
    tray.files.splice(place + by, 0, file);
    this.#keep(tray);
    this.show();
  }

  /** The picture as it was chosen, or smaller: what is uploaded so far is neither.
   *  @param {LocalFile} file
   *  @param {boolean} full */
  #original(file, full) {
    const tray = this.#of(file);
    const { original, alt, spoiler } = file;
    this.#transfers.discard(file);
    const other = Object.assign(local(original), { full, alt, spoiler });
    tray.files[tray.files.indexOf(file)] = other;
    this.#keep(tray);
    this.#transfers.start(other, tray.room);
    this.show();
    this.#rows.get(other)?.open();
  }

  /** "2 of 3 are there", for those who do not see the rings. */
  #count() {
    const files = this.#files;
    const n = files.filter(({ file }) => file).length;
    this.#spoken.textContent = files.length ? say("files_there", { n, all: files.length }) : "";
  }

  /** I am another now: what others chose is not for me. It is kept for them where they can come back to it. */
  #become() {
    const { id } = session.me;
    for (const tray of [...this.#trays.values()].filter(({ author }) => author !== id)) {
      if (isFor(id, tray)) {
        tray.author = id;
        for (const file of tray.files) {
          this.#transfers.stop(file);
          this.#transfers.again(file, tray.room);
        }
        this.#keep(tray);
      } else {
        for (const file of tray.files) this.#transfers.leave(file);
        this.#trays.delete(tray.room);
      }
    }
    this.show();
  }
}

/** Why a file cannot be sent.
 *  @param {File} file
 *  @param {number} most */
function whyNot({ name, size }, most) {
  if (size === 0) return say("file_empty", { name });
  return size > most ? say("file_too_big", { name, n: Math.floor(most / MIB) }) : undefined;
}

/** @param {File} file
 *  @returns {LocalFile} */
function local(file) {
  const nonce = newNonce();
  return { nonce, mark: nonce, name: file.name, type: file.type, size: file.size, as: isImage(file) ? "picture" : undefined, original: file };
}
