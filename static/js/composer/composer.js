// @ts-check
// The composer. Enter sends, Shift+Enter breaks the line, an input method's Enter does neither; under a thumb Enter breaks the line
// and the button sends. What is written is kept.

import { isComposingKey } from "../ui/keyboard.js";
import { serverNow } from "../ui/dates.js";
import { keepDraft, draftOf } from "../outbox/drafts.js";
import { session } from "../state/session.js";
import { toast } from "../ui/toast.js";
import { say } from "../ui/i18n.js";

/** The rest is counted from here on down. */
const NEAR_CHARS = 100;
const TICK_MS = 500;
/** What is pasted and sent at once may be waited for so long. */
const COME_MS = 10_000;
/** A keyboard on the screen has no Shift+Enter. */
const touch = matchMedia("(hover: none)");

export class Composer {
  #form = document.getElementById("composer");
  #text = document.getElementById("say");
  #button = document.getElementById("send");
  #count = document.getElementById("count");
  #room;
  #full;
  #attached;
  #attaching;
  #send;
  #up;
  /** @type {(Loan & { draft: string }) | undefined} */
  #loan;
  #typed;
  #heard;
  #until = 0;
  /** @type {number | undefined} */
  #ticking;

  /** `full()` says that no more may wait, `attached()` that there are files to go with the words, `attaching()` waits for those that
   *  are on their way there, `send(text)` takes the message,
   *  `up()` is the arrow in an empty box, `typed()` hears of each change by hand, `changed()` of each other one.
   *  @param {{ room: number, full: () => boolean, attached: () => boolean, attaching: () => Promise<boolean> | undefined, send: (words: string) => void, up: () => unknown, typed: () => void, changed: () => void }} parts */
  constructor({ room, full, attached, attaching, send, up, typed, changed }) {
    this.#heard = changed;
    this.#typed = typed;
    this.#room = room;
    this.#full = full;
    this.#attached = attached;
    this.#attaching = attaching;
    this.#send = send;
    this.#up = up;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener("keydown", (event) => this.#key(event));
    this.#text.addEventListener("input", () => {
      this.#changed();
      if (!this.#loan && this.#text.value.trim()) this.#typed();
    });
    const hint = () => { this.#text.enterKeyHint = touch.matches ? "enter" : "send"; };
    touch.addEventListener("change", hint);
    hint();
    this.#put(this.#text.value || draftOf(room));
    session.subscribe(({ limits }) => limits.message_chars !== session.limits.message_chars && this.#changed());
  }

  /** Another room, and what was begun there.
   *  @param {number} room */
  enter(room) {
    this.#room = room;
    this.#text.readOnly = false;
    this.#put(draftOf(room));
  }

  /** What was begun here and put aside is back. */
  restoreDraft() {
    const draft = draftOf(this.#room);
    if (this.#loan) this.#loan.draft = draft;
    else this.#put(draft);
  }

  /** Ready to write, where that does not bring a keyboard up over half of the page. */
  focus() {
    if (!touch.matches) this.#text.focus({ preventScroll: true });
  }

  /** Whether I may write here at all.
   *  @param {boolean} open */
  set open(open) {
    this.#text.disabled = !open;
    this.#form.classList.toggle("shut", !open);
  }

  /** Slow mode: nothing new goes out before `until`, in ms since 1970 of the server's clock.
   *  @param {number} until */
  pauseUntil(until) {
    this.#until = until;
    clearInterval(this.#ticking);
    if (this.#pause > 0) this.#ticking = setInterval(() => this.#changed(), TICK_MS);
    this.#changed();
  }

  /** Nothing is written here, and nothing else is being changed. */
  get isFree() {
    return !this.#loan && this.#text.value.trim() === "";
  }

  /** Puts words back for another try, after what is there.
   *  @param {string} words */
  putBack(words) {
    const before = (this.#loan?.draft ?? this.#text.value).trimEnd();
    const all = before ? `${before}\n${words}` : words;
    if (this.#loan) {
      this.#loan.draft = all;
      return keepDraft(this.#room, all);
    }
    this.#put(all);
    this.#text.focus();
  }

  /** Holds other words until they are given back: `save(words)` takes them, `quit()` is Escape, `bare` when there may be none. The
   *  draft waits meanwhile.
   *  @param {Loan & { words: string }} what */
  startEditing({ words, ...loan }) {
    this.#setEditing({ ...loan, draft: this.#text.value }, words);
    this.#text.setSelectionRange(words.length, words.length);
  }

  endEditing() {
    this.#setEditing(undefined, this.#loan.draft);
  }

  /** @param {(Loan & { draft: string }) | undefined} loan
   *  @param {string} words */
  #setEditing(loan, words) {
    this.#loan = loan;
    this.#text.readOnly = false;
    this.#form.classList.toggle("lent", Boolean(loan));
    this.#text.ariaLabel = say(loan ? "editing" : "message");
    this.#button.ariaLabel = this.#button.title = say(loan ? "edit_save" : "send");
    this.#put(words);
    this.#text.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.altKey || isComposingKey(event)) return;
    const { key, shiftKey, ctrlKey, metaKey } = event;
    if (key === "Enter" && !shiftKey && (!touch.matches || ctrlKey || metaKey)) this.#submit();
    else if (key === "Escape" && this.#loan) this.#loan.quit();
    else if (key !== "ArrowUp" || shiftKey || ctrlKey || metaKey || this.#loan || this.#text.value !== "" || !this.#up()) return;
    event.preventDefault();
  }

  async #submit() {
    this.#text.focus();
    const coming = !this.#loan && this.#attaching();
    if (coming && !await this.#come(coming)) return;
    const words = this.#text.value.toWellFormed().replace(/^\s*\n/, "").trimEnd();
    if (this.#text.disabled || this.#isEmpty(words)) return;
    if (this.#left(words) < 0) return this.#changed();
    if (this.#full()) return toast(say("too_many_unsent"));
    if (this.#loan) return this.#loan.save(words);
    if (this.#pause > 0) return;
    this.#put("");
    this.#send(words);
  }

  /** What was just pasted goes with the words, which wait for it; they stay where it does not come.
   *  @param {Promise<boolean>} attached */
  async #come(attached) {
    const room = this.#room;
    this.#text.readOnly = true;
    const come = await Promise.race([attached, new Promise((done) => setTimeout(done, COME_MS))]);
    this.#text.readOnly = false;
    if (come === undefined) toast(say("unreachable"));
    return come && room === this.#room && !this.#loan;
  }

  /** Nothing to send: what has files may go without words.
   *  @param {string} words */
  #isEmpty(words) {
    return words.trim() === "" && !(this.#loan ? this.#loan.bare : this.#attached());
  }

  /** There are other files than before to go with the words. */
  attachedChanged() {
    this.#changed();
  }

  /** How many seconds slow mode still asks for. */
  get #pause() {
    return Math.max(0, Math.ceil((this.#until - serverNow()) / 1000));
  }

  /** How many characters (Unicode scalar values) there is still room for.
   *  @param {string} words */
  #left(words) {
    // Two code units are at most one character: counting is needed only near the limit.
    const limit = session.limits.message_chars;
    return words.length <= limit - NEAR_CHARS ? limit - words.length : limit - [...words].length;
  }

  /** @param {string} words */
  #put(words) {
    this.#text.value = words;
    this.#changed();
    this.#heard();
  }

  #changed() {
    const words = this.#text.value;
    const left = this.#left(words.trimEnd());
    const pause = this.#loan ? 0 : this.#pause;
    if (pause === 0) clearInterval(this.#ticking);
    this.#button.disabled = this.#isEmpty(words) || pause > 0;
    this.#count.classList.toggle("over", left < 0);
    this.#text.setAttribute("aria-invalid", String(left < 0));
    this.#count.textContent = left < 0 ? say("too_long", { n: -left }) : pause > 0 ? say("slow_wait", { n: pause }) : left <= NEAR_CHARS ? say("left", { n: left }) : "";
    this.#grow();
    if (!this.#loan) keepDraft(this.#room, words);
  }

  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }
}
