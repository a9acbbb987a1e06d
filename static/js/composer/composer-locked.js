// @ts-check
// Why one may not write in this room, shown in place of the composer, with a button where something can be done.

import { say } from "../ui/i18n.js";

/** What stands in place of the box, by who one is and what the room is; undefined when one may write.
 *  @param {RoomView} roomView
 *  @param {Me} me */
export function whyLocked({ may, kind, archived, role, mute_all, read_only }, me) {
  if (may.includes("say")) return undefined;
  if (archived) return "archived";
  if (me.kind === "visitor") return "visitor";
  if (kind === "public" && role === null) return "outside";
  if (role === "muted") return "muted";
  if (mute_all) return "mute_all";
  if (read_only) return "read_only";
  return "other";
}

/** What the button does. */
/** @type {Record<string, "signIn" | "join">} */
const HELP = { visitor: "signIn", outside: "join" };
const LABEL = { signIn: "sign_in", join: "join" };

export class ComposerLocked {
  #bar = document.getElementById("closed");
  #text = this.#bar.querySelector("p");
  #button = this.#bar.querySelector("button");
  #act;

  /** `act.signIn()` and `act.join(view)`, which may take a while.
   *  @param {Record<"signIn" | "join", (view: RoomView) => unknown>} act */
  constructor(act) {
    this.#act = act;
  }

  /** True when there is nothing to write in.
   *  @param {RoomView} view
   *  @param {Me} me */
  show(view, me) {
    const why = whyLocked(view, me);
    this.#bar.hidden = !why;
    if (!why) return false;
    this.#text.textContent = say(`closed_${why}`);
    const help = HELP[why];
    this.#button.hidden = !help || (help === "join" && !view.may.includes("join"));
    if (help) this.#button.textContent = say(LABEL[help]);
    this.#button.onclick = async () => {
      this.#button.disabled = true;
      await this.#act[help](view);
      this.#button.disabled = false;
    };
    return true;
  }
}
