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

  /** `limit` in characters (Unicode scalar values), `full()` says that no more may wait, `send(text)` takes the message. */
  constructor({ room, limit, full, send }) {
    this.#draft = `teahouse.draft.${room}`;
    this.#limit = limit;
    this.#full = full;
    this.#send = send;
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

  /** Puts words back for another try, after what is there. */
  take(words) {
    const before = this.#text.value.trimEnd();
    this.#text.value = before ? `${before}\n${words}` : words;
    this.#changed();
    this.#text.focus();
  }

  #key(event) {
    // While an input method composes, Enter chooses a word; Safari says so by 229 only.
    if (event.key !== "Enter" || event.shiftKey || event.altKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const words = this.#text.value.replace(/^\s*\n/, "").trimEnd();
    this.#text.focus();
    if (words.trim() === "" || this.#text.disabled) return;
    if (this.#left(words) < 0) return this.#changed();
    if (this.#full()) return toast(say("too_many_unsent"));
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
    this.#keep(words);
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
