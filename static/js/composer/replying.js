// @ts-check
// Replying to a message: a bar above the composer says to which. The reply is kept with the room's draft and is there again with it;
// the words of the message are its own and are kept nowhere.

import { quoteOf } from "../state/message-reducer.js";
import { isComposingKey } from "../ui/keyboard.js";
import { keepReply, replyOf } from "../outbox/drafts.js";
import { lengthOf } from "../timeline/voice-row.js";
import { fileWord, personName, say } from "../ui/i18n.js";

export class Replying {
  #bar = document.getElementById("replying");
  #form = document.getElementById("composer");
  #text = document.getElementById("say");
  /** @type {number} */
  #room;
  #find;
  /** @type {Answered | undefined} */
  #answer;

  /** `find(id)` is the message, when it is in memory.
   *  @param {{ room: number, find: (id: number) => Entry | undefined }} parts */
  constructor({ room, find }) {
    this.#find = find;
    this.#bar.querySelector(".cancel").onclick = () => this.#cancel();
    this.#form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || isComposingKey(event) || event.defaultPrevented || this.#bar.hidden) return;
      event.preventDefault();
      this.#cancel();
    });
    this.enter(room);
  }

  /** Another room, and whom one was about to answer there.
   *  @param {number} room */
  enter(room) {
    this.#room = room;
    this.#answer = replyOf(room);
    this.draw();
  }

  /** @param {Entry} entry */
  start(entry) {
    const { id, by } = quoteOf(entry);
    this.#keep({ id, by });
    this.#text.focus({ preventScroll: true });
  }

  /** What the message that is sent now answers: `id` and `by`. */
  take() {
    const answer = this.#answer;
    if (answer) this.#keep(undefined);
    return answer;
  }

  /** Something happened to a message: it may be this one.
   *  @param {MessageChange} event */
  messageChanged(event) {
    if (event.id !== this.#answer?.id) return;
    if (event.kind === "recall") this.#answer.gone = true;
    this.draw();
  }

  /** Shows it as it is now. */
  draw() {
    const answer = this.#answer;
    this.#bar.hidden = !answer;
    const [name, words] = this.#bar.querySelector("p").children;
    const entry = answer && this.#find(answer.id);
    /** @type {Partial<Quote>} */
    const { by, text = "", file, ms, gone } = entry ? quoteOf(entry) : answer ?? {};
    name.textContent = !answer ? "" : gone ? say("replying_gone") : say("replying", { name: personName(by) });
    words.textContent = text || (file === "voice" && ms ? `${fileWord(file)} ${lengthOf(ms)}` : fileWord(file));
  }

  #cancel() {
    this.#keep(undefined);
    this.#text.focus();
  }

  /** @param {Answered | undefined} answer */
  #keep(answer) {
    this.#answer = answer;
    keepReply(this.#room, answer);
    this.draw();
  }
}
