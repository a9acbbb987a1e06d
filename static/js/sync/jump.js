// @ts-check
// To another place in the room: a message, a day, the newest. What is not in memory is fetched with what is around it, and the timeline
// stands there.

import { dayKey } from "../ui/dates.js";
import { toast } from "../ui/toast.js";
import { say } from "../ui/i18n.js";

/** How long the message stands out when it has been reached. */
const FLASH_MS = 2_000;

export class Jump {
  #timeline;
  #scroll;
  #history;
  #arrived;
  #asked = 0;

  /** `arrived()` hears when the timeline stands elsewhere.
   *  @param {Pick<App, "timeline" | "scroll" | "history"> & { arrived: () => void }} parts */
  constructor({ timeline, scroll, history, arrived }) {
    this.#arrived = arrived;
    this.#timeline = timeline;
    this.#scroll = scroll;
    this.#history = history;
  }

  /** To a message; `first`: nothing else is seen of the room before.
   *  @param {number} id
   *  @param {boolean} [first] */
  async to(id, first = false) {
    const asked = this.#newJump();
    if (!this.#timeline.get(id)) {
      await this.#go({ around: id }, asked, first);
      if (asked !== this.#asked) return;
    }
    if (this.#timeline.get(id)) this.#show(id);
  }

  /** To the first message since the beginning of a day, `at` in ms.
   *  @param {number} at */
  async day(at) {
    const page = await this.#go({ at }, this.#newJump());
    if (!page) return;
    const first = page.messages.find((message) => message.at >= at);
    if (first) this.#show(first.id);
    else this.#end();
    if (!first) toast(say("nothing_since"));
    else if (dayKey(first.at) !== dayKey(at)) toast(say(page.messages[0] === first && !page.more ? "nothing_before" : "nothing_that_day"));
  }

  /** To where the reader was before everything was told anew: a message, so many px below the upper end of the box.
   *  @param {Place} what */
  async back({ id, below }) {
    const asked = this.#newJump();
    if (!this.#timeline.get(id)) await this.#go({ around: id }, asked, true);
    if (asked !== this.#asked || !this.#timeline.get(id)) return;
    this.#scroll.toRow(this.#timeline.reveal(id), below);
    this.#arrived();
  }

  /** To the first message after a seq. Gives the page around it, none when it could not be had.
   *  @param {number} seq */
  since(seq) {
    return this.#go({ since: seq }, this.#newJump(), true);
  }

  /** To the newest. */
  async newest() {
    const asked = this.#newJump();
    if (!this.#timeline.torn || await this.#go({}, asked)) this.#end();
  }

  /** What was wished before is not any more. */
  #newJump() {
    this.#scroll.jumping = false;
    this.#asked += 1;
    return this.#asked;
  }

  /** The page at another place, where the timeline stands then; none when it is not there, or not wanted any more. `unseen`: the timeline is
   *  hidden on the way.
   *  @param {Parameters<RoomHistory["go"]>[0]} where
   *  @param {number} asked
   *  @param {boolean} [unseen] */
  async #go(where, asked, unseen = false) {
    const wanted = () => asked === this.#asked;
    this.#scroll.jumping = unseen;
    try {
      return await this.#history.go(where, wanted);
    } catch (error) {
      if (wanted()) toast(error.code === "not_found" ? say("no_such_message") : error.message);
      return undefined;
    } finally {
      if (wanted()) this.#scroll.jumping = false;
    }
  }

  #end() {
    this.#timeline.jumpToNewest();
    this.#arrived();
  }

  /** @param {number} id */
  #show(id) {
    const row = this.#timeline.reveal(id);
    this.#scroll.toRow(row);
    this.#arrived();
    // A note is no stop of the Tab key.
    if (!row.hasAttribute("tabindex")) row.tabIndex = -1;
    row.focus({ preventScroll: true });
    row.classList.add("target");
    setTimeout(() => row.classList.remove("target"), FLASH_MS);
  }
}
