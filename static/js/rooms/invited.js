// @ts-check
// The page of an invitation: which room, who invites, and the button that accepts.

import { call } from "../net/api.js";
import { mayRegister } from "../account/registration.js";
import { showMe } from "../account/menu.js";
import { LOBBY, pathOf } from "../state/rooms.js";
import { Sheet } from "../ui/sheet.js";
import { session } from "../state/session.js";
import { say } from "../ui/i18n.js";

export class InvitationPrompt {
  #sheet = new Sheet("invited-dialog", () => this.#left());
  #problem;
  #accepted = false;


  /** `invitation` is what the server knows of the link, null for one that is no good; `joined(room)` takes the room.
   *  @param {{ invitation: Invited | null, signIn: () => void, register: () => void, joined: (room: RoomView) => void }} parts */
  constructor({ invitation, signIn, register, joined }) {
    const [title, text] = [this.#sheet.find("h2"), this.#sheet.find(".text")];
    this.#problem = this.#sheet.find(".problem");
    const visitor = session.isVisitor;
    const room = invitation?.room;
    if (!invitation) {
      title.textContent = say("invitation_bad");
      text.textContent = say("invitation_bad_hint");
    } else if (room) {
      title.textContent = room.name;
      text.textContent = `${say("invites_you", invitation.by)} ${say("members_count", { n: room.members })}`;
      this.#sheet.find(".face").src = room.avatar;
    } else {
      title.textContent = say("brand");
      text.textContent = [invitation.by.name && say("invites_you", invitation.by), !visitor && say("inside_already")].filter(Boolean).join(" ");
    }
    this.#sheet.find(".face").hidden = !room;
    const outside = Boolean(invitation) && visitor;
    /** @type {[css: string, offered: boolean, act: () => unknown][]} */
    const ways = [[".join", Boolean(room) && !visitor, () => this.#join(invitation.code, joined)], [".to-register", outside && mayRegister(), register], [".to-sign-in", outside, signIn]];
    for (const [css, offered, act] of ways) {
      const button = this.#sheet.find(css);
      button.hidden = !offered;
      button.onclick = () => act();
    }
    this.#sheet.find(".sign-in-first").hidden = !outside;
    this.#sheet.open();
    // Whoever followed an invitation wants to come in: that is the answer under Enter.
    const [wanted] = ways.find(([, offered]) => offered) ?? [".cancel"];
    this.#sheet.find(wanted).focus();
  }

  /** @param {string} code
   *  @param {(room: RoomView) => void} joined */
  async #join(code, joined) {
    try {
      const { room } = await call("POST", `invitations/${code}`);
      this.#accepted = true;
      this.#sheet.close();
      joined(room);
    } catch (error) {
      this.#problem.textContent = error.message;
    }
  }

  /** The address says no more than where the reader is. */
  #left() {
    if (this.#accepted) return;
    history.replaceState(null, "", pathOf(LOBBY));
    showMe();
  }
}
