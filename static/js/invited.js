// Somebody has come with an invitation: which room, who invites, and the way in.

import { call } from "./api.js";
import { LOBBY, pathOf } from "./rooms.js";
import { Sheet } from "./sheet.js";
import { say } from "./words.js";

export class Invited {
  #sheet = new Sheet("invited-dialog", () => this.#left());
  #problem;
  #accepted = false;

  /** `invitation` is what the server knows of the link, null for one that is no good; `joined(room)` takes the room. */
  constructor({ invitation, me, signIn, register, joined }) {
    const [title, text] = [this.#sheet.find("h2"), this.#sheet.find(".text")];
    const join = this.#sheet.find(".join");
    this.#problem = this.#sheet.find(".problem");
    if (invitation) {
      const { room, by } = invitation;
      title.textContent = room.name;
      text.textContent = `${say("invites_you", { name: by.name })} ${say("members_count", { n: room.members })}`;
      this.#sheet.find(".face").src = room.avatar;
    } else {
      title.textContent = say("invitation_bad");
      text.textContent = say("invitation_bad_hint");
    }
    const visitor = me().kind === "visitor";
    this.#sheet.find(".face").hidden = !invitation;
    join.hidden = !invitation || visitor;
    for (const [css, act] of [[".to-sign-in", signIn], [".to-register", register]]) {
      this.#sheet.find(css).hidden = !invitation || !visitor;
      this.#sheet.find(css).onclick = act;
    }
    this.#sheet.find(".sign-in-first").hidden = !invitation || !visitor;
    join.onclick = () => this.#join(invitation.code, joined);
    this.#sheet.open();
  }

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

  /** The address says no more than where he is. */
  #left() {
    if (!this.#accepted) history.replaceState(null, "", pathOf(LOBBY));
  }
}
