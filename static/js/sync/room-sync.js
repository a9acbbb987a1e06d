// @ts-check
// What the frames of the connection mean for the open room: events in order, each once; resume after a gap; who gets which answer. What
// they say of the other rooms goes to the store of rooms.

import { become } from "../account/sign-out.js";
import { isMessageChange } from "../state/message-reducer.js";
import { syncClock } from "../ui/dates.js";
import { ACK, BATCH, ERROR, EVENT, GONE, HEAD, OPEN, PRESENCE, READ_MARKER, RESET, ROOMS, SEEN, TYPERS, WELCOME } from "../net/socket.js";
import { blank, isOwn } from "../state/rooms.js";
import { session } from "../state/session.js";
import { toast } from "../ui/toast.js";

/** A live connection that has not opened a room after this time is not what it seems. */
const ANSWER_MS = 10_000;
/** Of rooms that are passed faster than this only the last one is asked for. */
const PAUSE_MS = 250;

export class RoomSync {
  #id;
  #epoch;
  #seq;
  #app;
  /** `entering` until its messages have come, then `here`; `gone` when there is nothing to see.
   *  @type {"entering" | "here" | "gone"} */
  #stage = "here";
  /** @type {number | undefined} */
  #timer;
  #entered = 0;

  /** `app` has the parts of the page, once they are there.
   *  @param {App} app
   *  @param {{ id: number, epoch?: string, head?: number }} parts */
  constructor(app, { id, epoch, head }) {
    this.#app = app;
    this.#id = id;
    this.#epoch = epoch;
    this.#seq = head;
  }

  get id() {
    return this.#id;
  }

  /** The newest event that was applied. */
  get seq() {
    return this.#seq;
  }

  get ready() {
    return this.#stage === "here";
  }

  get gone() {
    return this.#stage === "gone";
  }

  /** The room as the server last told it. */
  get view() {
    return this.#app.rooms.get(this.#id) ?? blank(this.#id);
  }

  /** Whether the server keeps for me how far I have read here. */
  get keepsReadMarker() {
    return !session.isVisitor && isOwn(this.view);
  }

  /** Where to go on from; of a room that has not come yet, everything. */
  get hello() {
    return { open: this.#id, resume: { [this.#id]: { epoch: this.#epoch, seq: this.#seq } } };
  }

  /** Opens another one; its messages come as a reset.
   *  @param {number} id */
  enter(id) {
    this.#id = id;
    this.#epoch = "";
    this.#seq = 0;
    this.#setStage("entering");
    const [before, now] = [this.#entered, Date.now()];
    this.#entered = now;
    if (now - before < PAUSE_MS) this.#timer = setTimeout(() => this.#ask(), PAUSE_MS);
    else this.#ask();
  }

  #ask() {
    // Without a connection the next hello asks for it.
    if (!this.#app.connection.send(OPEN, { room: this.#id })) return;
    this.#timer = setTimeout(() => this.#app.connection.state.name === "live" && this.#app.connection.reconnect(), ANSWER_MS);
  }

  /** There is nothing to see in it, or no more. */
  close() {
    this.#epoch = "";
    this.#seq = 0;
    this.#setStage("gone");
  }

  /** @param {InFrame} frame */
  receive({ type, data }) {
    const { people, typing, readReceipts } = this.#app;
    switch (type) {
      case WELCOME: return this.#welcome(data);
      case EVENT: return this.#isOpen(data) && this.#event(data);
      case BATCH: return this.#isOpen(data) && this.#batch(data);
      case RESET: return this.#isOpen(data) && this.#reset(data);
      case HEAD: return this.#isOpen(data) && this.#checkHead(data);
      case ACK: return this.#acked(data);
      case ERROR: return this.#refused(data);
      case PRESENCE: return this.#isOpen(data) && people.show(data);
      case ROOMS: return this.#mergeRooms(data.rooms);
      case READ_MARKER: return this.#mergeRooms([{ id: data.room, read: data.read, unread: data.unread, mentions: data.mentions }]);
      case GONE: return this.#app.openRoom.gone(data);
      case TYPERS: return this.#isOpen(data) && typing.show(data);
      case SEEN: return this.#isOpen(data) && readReceipts.show(data.marks);
      // Types that a newer server may add are not for us.
    }
  }

  /** A part may bring the message that the numbers are about.
   *  @param {RoomPart[]} parts */
  #mergeRooms(parts) {
    this.#app.rooms.merge(parts.map(({ call, withdrawn, ...part }) => part));
    for (const { id, call, withdrawn = [] } of parts) {
      if (call) this.#app.otherRooms.notify(this.#app.rooms.get(id), call);
      for (const message of withdrawn) this.#app.notifier.withdraw(message);
    }
    this.#app.otherRooms.unreadChanged(parts.filter(({ unread }) => unread !== undefined));
  }

  /** @param {{ room?: number }} what */
  #isOpen({ room }) {
    return room === this.#id && this.#stage !== "gone";
  }

  /** @param {"entering" | "here" | "gone"} stage */
  #setStage(stage) {
    clearTimeout(this.#timer);
    this.#stage = stage;
    this.#app.openRoom.showStage(stage);
  }

  /** @param {WelcomeFrame} data */
  #welcome(data) {
    const { rooms, idle, otherRooms } = this.#app;
    syncClock(data.now);
    session.update({ limits: data.limits });
    rooms.replace(data.rooms);
    idle.welcomed();
    become(data.me);
    otherRooms.unreadChanged(data.rooms);
    // Of a room that is gone nothing comes that could end the wait.
    if (this.#stage === "gone") this.#app.connection.caughtUp();
  }

  /** @param {BatchFrame} what */
  #batch({ epoch, events, more }) {
    if (epoch !== this.#epoch) return;
    for (const event of events) if (!this.#event(event)) return;
    if (!more) this.#app.connection.caughtUp();
  }

  /** @param {ResetFrame} what */
  #reset({ epoch, head, page }) {
    const { timeline, history, connection, restorePosition } = this.#app;
    const left = this.#stage === "entering" ? undefined : restorePosition.leaving();
    this.#epoch = epoch;
    this.#seq = head;
    timeline.clear();
    timeline.prepend(page);
    timeline.jumpToNewest();
    history.more = page.length > 0;
    this.#app.gallery?.renew();
    // What was withdrawn meanwhile is not told.
    this.#app.lightbox?.leave();
    this.#app.player?.leave();
    this.#setStage("here");
    restorePosition.entered(left);
    connection.caughtUp();
  }

  /** Applies the next event. False when there is a gap: the connection is made anew and resumes from before it.
   *  @param {RoomEvent} event */
  #event(event) {
    if (event.seq <= this.#seq || !this.ready) return true;
    if (event.seq > this.#seq + 1) {
      this.#app.connection.reconnect();
      return false;
    }
    this.#seq = event.seq;
    if (event.kind === "message") this.#message(event.message);
    else this.#happened(event);
    this.#app.visibleChanged();
    return true;
  }

  /** Something happened that is no new message: to one that is there, or to the room.
   *  @param {MessageChange | RoomChange} event */
  #happened(event) {
    const { timeline, systemMessages, replying, unread, notifier } = this.#app;
    if (isMessageChange(event)) timeline.change(event);
    systemMessages.add(event);
    if (!isMessageChange(event)) return;
    replying.messageChanged(event);
    this.#app.pins?.messageChanged(event);
    this.#app.lightbox?.messageChanged(event);
    this.#app.player?.messageChanged(event);
    this.#app.gallery?.messageChanged(event);
    if (event.kind === "recall") unread.recalled(event.id);
    if (event.kind === "edit") notifier.edited(event, timeline.get(event.id)?.files);
  }

  /** The room is at `seq`: when we are not, an event was lost without a sign. Before the resume is answered that is no news.
   *  @param {Pick<HeadFrame, "epoch" | "seq">} what */
  #checkHead({ epoch, seq }) {
    const { connection } = this.#app;
    if (connection.state.name === "live" && this.ready && epoch === this.#epoch && seq > this.#seq) connection.reconnect();
  }

  /** An ack comes after its event: one that is ahead of us is a sign of loss like any other.
   *  @param {AckFrame} data */
  #acked(data) {
    const item = this.#app.outbox.acked(data);
    if (item && item.edits === undefined) this.#app.slowMode.spoke(data);
    if (this.#isOpen(data)) this.#checkHead({ epoch: this.#epoch, seq: data.seq });
  }

  /** @param {ErrorFrame} error */
  #refused(error) {
    const { outbox, openRoom, slowMode } = this.#app;
    const item = outbox.refused(error);
    if (item) return slowMode.refused(item, error);
    if (error.room === undefined) return toast(error.message);
    if (error.room !== this.#id || this.#stage !== "entering") return;
    clearTimeout(this.#timer);
    // The wish stands until it can be granted.
    if (error.retry_after > 0) this.#timer = setTimeout(() => this.#ask(), error.retry_after * 1000);
    else openRoom.gone({ room: this.#id, why: "not_found" });
  }

  /** @param {Message} message */
  #message(message) {
    const { timeline, outbox, unread, lightbox, gallery } = this.#app;
    lightbox?.messageSent(message);
    gallery?.messageSent(message);
    if (message.by.id === session.me.id) {
      const item = timeline.get(message.id) ? null : outbox.claim(message);
      timeline.put(message, item && this.#app.pendingRows.release(item.nonce));
      return;
    }
    const entry = timeline.put(message);
    if (entry) unread.messageArrived(entry);
  }
}
