// @ts-check
// The invitations of a room: make a link, copy it, take it back.

import { call } from "../net/api.js";
import { copyLink as copy } from "../ui/clipboard.js";
import { clone } from "../ui/templates.js";
import { Sheet } from "../ui/sheet.js";
import { toast } from "../ui/toast.js";
import { say } from "../ui/i18n.js";
import { when } from "../ui/dates.js";

export class Invitations {
  #sheet = new Sheet("invite-dialog", () => this.#list.replaceChildren());
  #form;
  #list = document.getElementById("invite-list");
  #state = document.getElementById("invite-state");
  /** Where in the API those are that are shown.
   *  @type {Listed} */
  #path;

  constructor() {
    this.#form = this.#sheet.find("form");
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#make();
    });
  }

  /** Those of a room.
   *  @param {RoomView} roomView */
  open({ id, name }) {
    return this.#open(`rooms/${id}/invitations`, name, say("invite_hint"));
  }

  /** Those of the server. */
  openHouse() {
    return this.#open("invitations", say("brand"), say("invite_to_server_hint"));
  }

  /** @param {Listed} path
   *  @param {string} name
   *  @param {string} hint */
  async #open(path, name, hint) {
    this.#path = path;
    this.#sheet.find(".room-name").textContent = name;
    this.#sheet.find(".hint").textContent = hint;
    this.#say(say("loading_list"));
    this.#sheet.open();
    try {
      const { invitations } = await call("GET", path);
      if (this.#path !== path) return;
      this.#list.replaceChildren(...invitations.map((each) => this.#row(each)));
      this.#say(invitations.length ? "" : say("no_invitations"));
    } catch (error) {
      if (this.#path === path) this.#say(error.message);
    }
  }

  async #make() {
    const path = this.#path;
    const { hours, uses } = Object.fromEntries([...new FormData(this.#form)].map(([name, value]) => [name, Number(value)]));
    this.#form.ariaBusy = "true";
    try {
      const { invitation } = await call("POST", path, { ...(hours && { hours }), ...(uses && { uses }) });
      if (path !== this.#path) return;
      const row = this.#row(invitation);
      this.#list.prepend(row);
      this.#say("");
      await copy(row.querySelector("input"));
    } catch (error) {
      this.#say(error.message);
    } finally {
      this.#form.ariaBusy = "false";
    }
  }

  /** @param {Invitation} what */
  #row({ code, url, by, left, expires }) {
    const path = this.#path;
    const row = clone("invitation-template");
    const link = row.querySelector("input");
    link.value = new URL(url, location.href).href;
    link.onfocus = () => link.select();
    row.querySelector("small").textContent = [
      by.id ? say("invited_by", { name: by.name }) : say("invited_by_server"),
      left === null ? say("uses_free") : say("uses_left", { n: left }),
      expires === null ? say("expires_never") : say("expires_at", { at: when(expires) }),
    ].join(" · ");
    row.querySelector(".copy").onclick = () => copy(link);
    row.querySelector(".revoke").onclick = async () => {
      try {
        await call("DELETE", `${path}/${code}`);
        row.remove();
        if (path !== this.#path) return;
        this.#say(this.#list.childElementCount ? "" : say("no_invitations"));
        this.#sheet.find("form button").focus();
      } catch (error) {
        toast(error.message);
      }
    };
    return row;
  }

  /** @param {string} text */
  #say(text) {
    this.#state.textContent = text;
  }
}
