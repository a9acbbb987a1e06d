// @ts-check
// The open room as the page shows it: what is laid aside when another one is opened, what is taken up, and what stands there when there
// is nothing to see.

import { boot } from "../state/boot.js";
import { ComposerLocked } from "../composer/composer-locked.js";
import { draftOf, keepDraft, keepReply } from "../outbox/drafts.js";
import { LOBBY, blank, isOwn, messageOf, pathOf } from "../state/rooms.js";
import { path } from "../state/place.js";
import { session } from "../state/session.js";
import { checkCopies, forgetPage } from "../sync/offline.js";
import { say } from "../ui/i18n.js";
import { lazy } from "../ui/lazy.js";
import { toast } from "../ui/toast.js";
import { keep, kept } from "../state/local-store.js";
import { makeScrollableByKey } from "../message/body.js";

/** The dialogs that are about the open room. */
const DIALOGS = ["configure", "delete-room", "invite", "pins", "versions", "date", "gallery", "unfile"].map((name) => `#${name}-dialog[open]`).join();

/** When one of these changes, so does who is listed as its people. */
/** @type {(keyof RoomView)[]} */
const ABOUT_PEOPLE = ["kind", "role", "may", "members"];

export class OpenRoom {
  #app;
  #main = document.querySelector("main");
  #notice = new RoomNotice();
  #gone = new RoomGone();
  #locked;
  #unsaid = lazy(() => import("./unsaid.js"), ({ showUnsaid }) => showUnsaid);

  /** `act` is what is offered where one cannot write: `signIn()` and `join(view)`.
   *  @param {App} app
   *  @param {ConstructorParameters<typeof ComposerLocked>[0]} act */
  constructor(app, act) {
    this.#app = app;
    this.#locked = new ComposerLocked(act);
    session.subscribe(() => this.show());
  }

  /** What belongs to the room that was open is laid aside, and with it what was to be chosen there. */
  leave() {
    const { editing, typing, readMarker, readReceipts, pendingRows, timeline, player, voiceButton, lightbox } = this.#app;
    for (const menu of document.querySelectorAll(":popover-open:not(#toast)")) menu.hidePopover();
    for (const dialog of /** @type {NodeListOf<HTMLDialogElement>} */ (document.querySelectorAll(DIALOGS))) dialog.close();
    lightbox?.leave();
    editing.stop();
    typing.leave();
    readMarker.leave();
    readReceipts.leave();
    pendingRows.clear();
    player?.leave();
    voiceButton.leave();
    timeline.leave();
  }

  /** @param {RoomView} view */
  enter(view) {
    const { room, unread, history, people, composer, replying, outbox, slowMode, sidebar, otherRooms, attaching, voiceButton } = this.#app;
    const { id } = view;
    room.enter(id);
    unread.leave();
    history.enter(id);
    people.enter(view);
    attaching.enter();
    composer.enter(id);
    replying.enter(id);
    outbox.enter(id);
    voiceButton.enter();
    composer.pauseUntil(slowMode.until(id));
    this.show();
    sidebar.show();
    otherRooms.countUnread();
    composer.focus();
    checkCopies();
  }

  /** What the room's view says, wherever it shows.
   *  @param {RoomView} [view] */
  show(view = this.#app.room.view) {
    const { header, composer, list, notifier, attaching, voiceButton } = this.#app;
    header.show(view);
    this.#notice.show(view);
    const open = !this.#locked.show(view, session.me);
    composer.open = open;
    attaching.show();
    voiceButton.show(open);
    list.dataset.may = view.may.join(" ");
    notifier.title = `${view.name} · ${say("brand")}`;
  }

  /** A room is another now: new without `before`, gone without `view`.
   *  @param {RoomView | undefined} view
   *  @param {RoomView} [before] */
  changed(view, before) {
    const { room, router, sidebar, otherRooms, people } = this.#app;
    sidebar.show();
    if (before) otherRooms.countUnread();
    if (view?.id !== room.id) return;
    // What I was kept out of is mine again.
    if (room.gone) return isOwn(view) && router.go(room.id);
    this.show(view);
    if (ABOUT_PEOPLE.some((name) => String(view[name]) !== String(before?.[name]))) people.update(view);
  }

  /** Goes to a room that the server has just told of.
   *  @param {RoomView} view */
  goTo(view) {
    this.#app.rooms.merge([view]);
    this.#app.router.go(view.id);
  }

  /** The server says that a room is not mine any more, or never was.
   *  @param {GoneFrame} what */
  gone({ room: id, why }) {
    const { rooms, room, router, notifier } = this.#app;
    const known = rooms.get(id);
    rooms.drop(id);
    forgetPage(pathOf(id));
    notifier.read([{ id, unread: 0 }]);
    if (why === "deleted" && known) toast(say("gone_deleted", { room: known.name || say("this_room") }));
    if (id === room.id && !room.gone) {
      if (why === "left" || why === "deleted") {
        router.go(LOBBY, { instead: true });
      } else {
        this.leave();
        this.#showGone(why, known?.name);
      }
    }
    if (why === "deleted" || why === "not_found") this.giveBack(id);
  }

  /** What was written for a room that nobody can open is shown to its author, and kept no longer.
   *  @param {number} id */
  async giveBack(id) {
    const words = [...this.#app.outbox.lose(id), draftOf(id)].filter(Boolean);
    keepDraft(id, "");
    keepReply(id);
    if (words.length) (await this.#unsaid())?.(words);
  }

  /** The room of this address is not there, or not for me: the page came without one. */
  notFound() {
    if (this.#app.room.id === LOBBY) this.#showGone("banned", boot.room.name);
    else this.#showGone(messageOf(path()) === undefined ? "not_found" : "no_message");
  }

  /** @param {string} stage */
  showStage(stage) {
    this.#main.dataset.stage = stage;
    this.#app.sidebar.show();
  }

  /** Nothing is open: what happened to the room stands in its place.
   *  @param {string} why
   *  @param {string} [name] */
  #showGone(why, name = "") {
    const { room, header, unread, notifier } = this.#app;
    room.close();
    this.#gone.show({ why, name, lobby: room.id === LOBBY });
    header.show({ ...blank(room.id), name });
    unread.leave();
    notifier.title = say("brand");
  }
}

const seen = (/** @type {RoomView} */ { id }) => `notice.${id}`;


/** The notice of a room: shown on entry while it is new to the reader, until they close it. */
class RoomNotice {
  #banner = document.getElementById("notice");
  #text = document.getElementById("notice-text");
  /** @type {RoomView} */
  #view;

  constructor() {
    makeScrollableByKey(this.#text);
    this.#banner.querySelector("button").onclick = () => {
      keep(seen(this.#view), this.#view.notice);
      this.#banner.hidden = true;
    };
  }

  /** @param {RoomView} view */
  show(view) {
    this.#view = view;
    const { notice } = view;
    this.#banner.hidden = !notice || kept(seen(view)) === notice;
    if (this.#text.textContent !== notice) this.#text.textContent = notice ?? "";
  }
}

/** A room that cannot be seen, or no more: what happened, and ways on. */
class RoomGone {
  #panel = document.getElementById("gone");

  /** `why` is what the server said, `name` what the room was called, if it was known; `lobby`: it is the one to which a way leads.
   *  @param {{ why: string, name: string, lobby: boolean }} what */
  show({ why, name, lobby }) {
    const [, title, text] = this.#panel.children;
    title.textContent = say(`gone_${why}`, { room: name || say("this_room") });
    text.textContent = say(`gone_${why}_hint`);
    this.#panel.querySelector("a").hidden = lobby;
    // The box where they wrote is gone too.
    this.#panel.querySelector(":is(a, button):not([hidden])").focus();
  }
}
