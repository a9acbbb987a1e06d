// Where one writes. Enter sends, Shift+Enter breaks the line, an input method's Enter does neither; what is written is kept.

import { toast } from "./toast.js";
import { say } from "./words.js";

/** The rest is counted from here on down. */
const NEAR_CHARS = 100;

export class Composer {
  #form = document.getElementById("composer");
  #text = document.getElementById("say");
  #button = document.getElementById("send");
  #count = document.getElementById("count");
  #draft;
  #limit;
  #full;
  #send;
  #up;
  #loan;

  /** `limit` in characters (Unicode scalar values), `full()` says that no more may wait, `send(text)` takes the message,
   *  `up()` is the arrow in an empty box. */
  constructor({ room, limit, full, send, up }) {
    this.#draft = `teahouse.draft.${room}`;
    this.#limit = limit;
    this.#full = full;
    this.#send = send;
    this.#up = up;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener("keydown", (event) => this.#key(event));
    this.#text.addEventListener("input", () => this.#changed());
    this.#text.value = this.#text.value || this.#kept();
    this.#changed();
    if (matchMedia("(hover: hover)").matches) this.#text.focus({ preventScroll: true });
  }

  set limit(chars) {
    this.#limit = chars;
    this.#changed();
  }

  /** Whether I may write here at all. */
  set open(open) {
    this.#text.disabled = !open;
    this.#text.placeholder = say(open ? "say" : "say_signed_in");
  }

  /** Nothing is written here, and nothing else is being changed. */
  get free() {
    return !this.#loan && this.#text.value.trim() === "";
  }

  /** Puts words back for another try, after what is there. */
  take(words) {
    const before = (this.#loan?.draft ?? this.#text.value).trimEnd();
    const all = before ? `${before}\n${words}` : words;
    if (this.#loan) {
      this.#loan.draft = all;
      return this.#keep(all);
    }
    this.#text.value = all;
    this.#changed();
    this.#text.focus();
  }

  /** Holds other words until they are given back: `save(words)` takes them, `quit()` is Escape. The draft waits meanwhile. */
  lend({ words, save, quit }) {
    this.#lent({ draft: this.#text.value, save, quit }, words);
    this.#text.setSelectionRange(words.length, words.length);
  }

  giveBack() {
    this.#lent(undefined, this.#loan.draft);
  }

  #lent(loan, words) {
    this.#loan = loan;
    this.#form.classList.toggle("lent", Boolean(loan));
    this.#text.ariaLabel = say(loan ? "editing" : "message");
    this.#button.ariaLabel = this.#button.title = say(loan ? "edit_save" : "send");
    this.#text.value = words;
    this.#changed();
    this.#text.focus();
  }

  #key(event) {
    // While an input method composes, Enter chooses a word; Safari says so by 229 only.
    if (event.altKey || event.isComposing || event.keyCode === 229) return;
    const { key, shiftKey, ctrlKey, metaKey } = event;
    if (key === "Enter" && !shiftKey) this.#submit();
    else if (key === "Escape" && this.#loan) this.#loan.quit();
    else if (key !== "ArrowUp" || shiftKey || ctrlKey || metaKey || this.#loan || this.#text.value !== "" || !this.#up()) return;
    event.preventDefault();
  }

  #submit() {
    const words = this.#text.value.replace(/^\s*\n/, "").trimEnd();
    this.#text.focus();
    if (words.trim() === "" || this.#text.disabled) return;
    if (this.#left(words) < 0) return this.#changed();
    if (this.#full()) return toast(say("too_many_unsent"));
    if (this.#loan) return this.#loan.save(words);
    this.#text.value = "";
    this.#changed();
    this.#send(words);
  }

  #left(words) {
    // Two code units are at most one character: counting is needed only near the limit.
    return words.length <= this.#limit - NEAR_CHARS ? this.#limit - words.length : this.#limit - [...words].length;
  }

  #changed() {
    const words = this.#text.value;
    const left = this.#left(words.trimEnd());
    this.#button.disabled = words.trim() === "";
    this.#count.classList.toggle("over", left < 0);
    this.#text.setAttribute("aria-invalid", String(left < 0));
    this.#count.textContent = left < 0 ? say("too_long", { n: -left }) : left <= NEAR_CHARS ? say("left", { n: left }) : "";
    this.#grow();
    if (!this.#loan) this.#keep(words);
  }

  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }

  #keep(words) {
    try {
      if (words) localStorage.setItem(this.#draft, words);
      else localStorage.removeItem(this.#draft);
    } catch {
      // A forbidden or full storage keeps no draft.
    }
  }

  #kept() {
    try {
      return localStorage.getItem(this.#draft) ?? "";
    } catch {
      return "";
    }
  }
}
