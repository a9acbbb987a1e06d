// @ts-check
// What my files take, the largest first, and taking them out of their messages.

import { call } from "../net/api.js";
import { clone } from "../ui/templates.js";
import { confirm } from "../ui/sheet.js";
import { moment } from "../ui/dates.js";
import { permalink } from "../state/rooms.js";
import { sizeText } from "../timeline/files-row.js";
import { fileWord, say } from "../ui/i18n.js";
import { toast } from "../ui/toast.js";

export class FilesTab {
  #list = document.getElementById("my-files");
  #use = document.getElementById("my-files-use");
  #more = document.getElementById("my-files-more");
  #zip = document.getElementById("my-files-zip");
  #problem = document.querySelector("#set-files .problem");
  #asked = 0;

  open() {
    return this.#load();
  }

  close() {
    this.#asked += 1;
    this.#list.replaceChildren();
  }

  /** From the beginning, or from where the last answer ended.
   *  @param {string} [before] */
  async #load(before) {
    this.#asked += 1;
    const asked = this.#asked;
    this.#list.ariaBusy = "true";
    try {
      const answer = await call("GET", `me/files?order=size${before ? `&before=${before}` : ""}`);
      // A later answer has been drawn.
      if (asked !== this.#asked) return;
      this.#problem.textContent = "";
      this.#draw(answer, Boolean(before));
    } catch (error) {
      if (asked === this.#asked) this.#problem.textContent = error.message;
    }
    this.#list.ariaBusy = "false";
  }

  /** @param {OwnFiles} answer
   *  @param {boolean} further */
  #draw({ bytes, files, quota, list, next }, further) {
    const values = { n: files, used: sizeText(bytes), quota: sizeText(quota) };
    this.#use.textContent = say(files === 0 ? "my_files_none" : quota ? "my_files_use" : "my_files_use_free", values);
    const rows = list.map((each) => this.#row(each));
    if (further) this.#list.append(...rows);
    else this.#list.replaceChildren(...rows);
    this.#zip.hidden = files === 0;
    this.#more.hidden = !next;
    this.#more.onclick = () => this.#load(next);
  }

  /** @param {OwnFile} own */
  #row(own) {
    const { room, message, at, bytes, file } = own;
    const row = clone("my-file-template");
    const [what, about, link, button] = [row.querySelector("b"), row.querySelector("small"), row.querySelector("a"), row.querySelector("button")];
    const name = file.kind === "voice" ? say("voice") : file.name || fileWord(file.kind);
    what.textContent = name;
    about.textContent = [sizeText(bytes), room?.name, moment(at)].filter(Boolean).join(" · ");
    if (room) link.href = permalink(room.id, message);
    else link.remove();
    link.setAttribute("aria-label", say("my_file_go", { name }));
    button.setAttribute("aria-label", say("file_remove", { name }));
    button.onclick = () => this.#remove(file.id, name);
    return row;
  }

  /** @param {string} id
   *  @param {string} name */
  async #remove(id, name) {
    if (!await confirm({ title: say("file_remove", { name }), text: say("unfile_hint"), yes: say("unfile_yes"), hurts: true })) return;
    try {
      await call("DELETE", `me/files/${id}`);
      toast(say("my_file_removed", { name }));
    } catch (error) {
      if (error.code !== "not_found") return toast(error.message);
    }
    await this.#load();
    document.getElementById("tab-files").focus();
  }
}
