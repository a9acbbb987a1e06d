// Puts the page together. What each part does is in its own file; here is only who knows whom.

import { Acts } from "./message/actions.js";
import { sayWhy } from "./ui/reload-notice.js";
import { wireAnswers } from "./message/clicks.js";
import { Arrival } from "./sync/restore-position.js";
import { putAside, takeBack } from "./account/handover.js";
import { wireAuthors } from "./timeline/author-clicks.js";
import { Background } from "./sync/other-rooms.js";
import { boot } from "./state/boot.js";
import { breath } from "./ui/yield.js";
import { CHANGES } from "./state/message-reducer.js";
import { Closed } from "./composer/composer-locked.js";
import { Composer } from "./composer/composer.js";
import { prepareTimes, watchDay } from "./ui/dates.js";
import { clear } from "./account/sign-out.js";
import { openDirect } from "./people/direct.js";
import { Editing } from "./composer/editing.js";
import { Feed } from "./net/socket.js";
import { wireDates } from "./timeline/date-clicks.js";
import { Gone } from "./rooms/room-gone.js";
import { Happenings } from "./timeline/system-messages.js";
import { Head } from "./rooms/header.js";
import { History } from "./sync/history.js";
import { Idle } from "./people/idle.js";
import { Jump } from "./sync/jump.js";
import { wireKeys } from "./ui/shortcuts.js";
import { later } from "./ui/lazy.js";
import { Marks } from "./sync/read-marker.js";
import { showMe } from "./account/me.js";
import { Members } from "./people/members.js";
import { isMine } from "./state/mentions.js";
import { wireMenu } from "./account/menu.js";
import { MessageMenu } from "./message/menu.js";
import { Notice } from "./rooms/notice.js";
import { Notifier } from "./notify/notifier.js";
import { Offline } from "./sync/offline.js";
import { Outbox } from "./outbox/outbox.js";
import { People } from "./people/people.js";
import { PersonMenu } from "./people/person-menu.js";
import { Rail } from "./rooms/sidebar.js";
import { Reacting } from "./message/reacting.js";
import { Replying } from "./composer/replying.js";
import { Room } from "./sync/room-sync.js";
import { LOBBY, Rooms, blank, isOwn, messageOf, pathOf, roomOf } from "./state/rooms.js";
import { wireRowKeys } from "./timeline/row-keys.js";
import { Scroll } from "./timeline/scroll.js";
import { wireSearch } from "./search/open.js";
import { Seen } from "./timeline/read-receipts.js";
import { wireSheets } from "./rooms/dialogs.js";
import { Slow } from "./composer/slow-mode.js";
import { begun } from "./start.js";
import { StateLine } from "./ui/connection-line.js";
import { keepFor } from "./state/local-store.js";
import { Tail } from "./outbox/pending-rows.js";
import { Timeline } from "./timeline/timeline.js";
import { toast } from "./ui/toast.js";
import { Tools, showToolsOnTap } from "./message/toolbar.js";
import { Typing } from "./composer/typing.js";
import { Unread } from "./timeline/unread.js";
import { followKeyboard } from "./ui/viewport.js";
import { Visit } from "./rooms/router.js";
import { Waiting } from "./outbox/outbox-view.js";
import { say } from "./ui/i18n.js";
import { Writing } from "./composer/writing-aids.js";

// The parts have come; before they are put together, whoever has begun to scroll or to write goes first.
await breath();
prepareTimes();
await breath();

const list = document.getElementById("messages");
const box = document.getElementById("timeline");
const main = document.querySelector("main");
/** No room has this id. */
const NOWHERE = 0;
let me = boot.me;
const myself = () => me;

const rooms = new Rooms({ views: [boot.room, ...boot.rooms], changed: roomChanged });
/** The message of this address. */
const named = messageOf(location.pathname);
const room = new Room(boot.found ? boot.room : { id: named === undefined ? roomOf(location.pathname) ?? NOWHERE : NOWHERE });
const view = () => rooms.get(room.id) ?? blank(room.id);
/** Whether the server keeps for me how far I have read here. */
const keeps = () => me.kind === "user" && isOwn(view());
const feed = new Feed({ hello: () => room.hello, receive: (type, data) => room.receive(type, data), show: stateChanged });
const rail = new Rail({ rooms, open: () => (room.gone ? undefined : room.id) });

const acts = new Acts({
  window: boot.limits.recall_window, me: myself, room: view, keeps,
  does: {
    edit, reply, versions, recall: ({ id }) => outbox.recall(id),
    more: (entry, button) => messageMenu.open(entry, button),
    react: (entry, button) => reacting.open(entry, button),
    pin: (entry) => want(entry, { do: "pin", on: true }),
    unpin: (entry) => want(entry, { do: "pin", on: false }),
    unread: (entry) => {
      unread.from(entry);
      marks.unreadFrom(entry);
    },
  },
});
const find = (id) => timeline.get(id);
const messageMenu = new MessageMenu({ acts });
const reacting = new Reacting({ room, me: myself, seen: (entry) => timeline.seen(entry), want });
const scroll = new Scroll({ box, list, moved: looked });
const tail = new Tail({ list, me, act: { retry: (nonce) => outbox.retry(nonce), discard: (nonce) => outbox.discard(nonce) } });
const timeline = new Timeline({
  list, attached: boot.attached, torn: boot.newer, scroll, tail, me,
  hooks: { again: (words) => composer.take(words), forgot: () => { history.more = true; } },
});
const marks = new Marks({ feed, rooms, room, scroll, timeline, keeps });
const history = new History({ box, timeline, scroll, room: room.id, more: boot.more, moved: arrived });
const jump = new Jump({ timeline, scroll, history, arrived });
const notifier = new Notifier({ me: myself, open: ({ id }) => visit.go(id) });
const unread = new Unread({ timeline, scroll, jump: () => jump.newest(), notifier, room: view, rooms, me: myself });
const background = new Background({ rooms, room, me: myself, notifier, unread, waits: (others) => visit.waits(others) });
const typing = new Typing({ feed, room, me: myself });
const personMenu = new PersonMenu({ room: view, me: myself, write: (person) => openDirect([person.id], met) });
const members = new Members({ me: myself, menu: personMenu, loaded: () => seen.draw() });
const people = new People({ view: boot.room, me, presence: boot.presence, members, menu: personMenu, changed: (look) => becomes({ ...me, ...look }) });
const seen = new Seen({ timeline, me: myself, who: (id) => known(id) ?? members.load() });
const idle = new Idle({ feed });
const offline = new Offline({ me, path: () => (room.gone ? undefined : pathOf(room.id)), seq: () => room.seq });
// What stands so far needs nothing of what follows.
await breath();

const outbox = new Outbox({
  feed, room: room.id, author: me.id, known: (id) => rooms.get(id) !== undefined, lost: (id) => gone.giveBack(id),
  rows: new Waiting({ scroll, tail, timeline, me: myself, giveBack, nameOf: (id) => rooms.get(id)?.name ?? "" }),
});
const writing = new Writing({ room: view, me: myself, near });
const composer = new Composer({
  changed: () => writing.changed(),
  room: room.id, limit: boot.limits.message_chars, full: () => outbox.full, typed: () => typing.typed(),
  send: (words) => {
    unread.spoke();
    jump.newest();
    outbox.add(words, replying.take());
    typing.sent();
  },
  up: () => {
    const last = me.may_write && timeline.last((entry) => isMine(entry, me) && !entry.recalled);
    if (last) edit(last);
    return last;
  },
});
const slow = new Slow({ rooms, show: (id, until) => id === room.id && composer.rest(until) });
const replying = new Replying({ room: room.id, find });
const editing = new Editing({ composer, save: (id, words) => outbox.edit(id, words) });
const menu = wireMenu({ me: myself, renamed: becomes });
const settings = later(() => import("./settings/settings.js"), (module) => module.settings({ me: myself, becomes }));
document.getElementById("open-settings").onclick = openSettings;
const visit = new Visit({ rooms, room, leave, enter, jump, looked });
const sheets = wireSheets({ rooms, me: myself, menu, met, go: (id) => visit.go(id), write: (person) => openDirect([person.id], met) });
const happenings = new Happenings({ rooms, room, timeline, members, me: myself, refresh: sheets.refresh });
const arrival = new Arrival({ room, timeline, scroll, unread, jump, visit, happenings, view, keeps, arrived });
const search = wireSearch({ room: () => (room.gone ? undefined : view()), me: myself, known: () => timeline.since(-1).map(({ by }) => by.name) });
const askDate = wireDates({ list, to: (at) => jump.day(at) });
/** The list of pins, once it has been opened. */
let pinned;
const pins = later(() => import("./message/pins.js"), ({ Pins }) => {
  pinned = new Pins({ me: myself, may: (what) => view().may.includes(what), jump: (to) => jump.to(to), unpin: (entry) => acts.do("unpin", entry) });
  return pinned;
});
const showVersions = later(() => import("./message/versions.js"), (module) => module.showVersions);
const head = new Head({
  act: { ...sheets.act, pins: showPins, search: () => search(true), date: () => askDate() },
  changed: (partial) => rooms.merge([partial]),
});
const notice = new Notice();
const closed = new Closed({ signIn: () => menu.signIn(), join: sheets.join });
const gone = new Gone({ rooms, room, visit, head, unread, notifier, outbox, leave });
const stateLine = new StateLine({
  unsent: () => outbox.unsent,
  act: { tryNow: () => feed.tryNow(), reload: () => location.reload(), signIn: () => menu.signIn() },
});

room.connect({
  feed, rooms, timeline, tail, outbox, unread, history, people, typing, seen, slow, me: myself,
  welcomed, leaving: () => arrival.leaving(), entered: (left) => arrival.entered(left), background, withdrawn: (id) => notifier.withdraw(id), gone: (what) => gone.told(what), happened, looked, stands,
});
const lookAtDay = watchDay(() => timeline.redate());
// All parts are there: from here on the page can be used, and what follows may wait for its reader.
await breath();
dress(view());
background.count();
await breath();
unread.entered(view().read);
await breath();
// Whoever has chosen a field meanwhile keeps it.
if (document.activeElement === document.body) composer.focus();
if (boot.found && !boot.closed && named !== undefined) jump.to(named);
else scroll.going = false;
new Tools({ list, find, acts });
showToolsOnTap(list);
wireRowKeys({ list, find, acts });
wireAnswers({ list, find, react: (entry, emoji) => reacting.toggle(entry, emoji), versions, jump: (id) => jump.to(id), choose: (entry, button) => acts.do("react", entry, button) });
wireAuthors({ list, known, menu: personMenu });
wireKeys();
followKeyboard();
sayWhy();
await breath();
if (boot.closed) {
  // Nobody without an account comes in: the door says so, and there is nothing to connect to.
  document.querySelector(".empty p").textContent = say("stopped_closed");
  stateLine.show({ name: "stopped", why: "closed" });
  // So does the place of the box, with a button.
  document.getElementById("state").hidden = true;
} else {
  outbox.restore();
  feed.open();
}
rail.show();
if (!boot.found) lost();
sheets.arrived();
begun();
// What others had begun at this browser is theirs, and what I had begun is here again.
putAside(me.id);
if (await takeBack(me.id)) (composer.again(), replying.enter(room.id), dress(view()));

function stateChanged(state) {
  stateLine.show(state);
  if (state.name === "live") {
    replying.draw();
    pinned?.load();
    outbox.restore();
    outbox.flush();
    looked();
  } else if (state.name !== "catching-up") {
    outbox.lost(state.unread);
    typing.leave();
  }
}

function welcomed({ me: known, limits, rooms: views }) {
  composer.limit = limits.message_chars;
  acts.window = limits.recall_window;
  rooms.replace(views);
  idle.welcomed();
  becomes(known);
}

function becomes(next) {
  // What stands here is the former one's.
  if (next.id !== me.id && me.kind === "user") return clear();
  me = next;
  keepFor(me.id);
  offline.become(me);
  showMe(me);
  outbox.author = me.id;
  for (const part of [tail, timeline, people]) part.setMe(me);
  dress(view());
}

/** What belongs to the room that was open is laid aside, and with it what was to be chosen there. */
function leave() {
  for (const menu of document.querySelectorAll(":popover-open:not(#toast)")) menu.hidePopover();
  editing.stop();
  typing.leave();
  marks.leave();
  seen.leave();
  tail.clear();
  timeline.leave();
}

function enter(next) {
  room.enter(next.id);
  unread.leave();
  history.enter(next.id);
  people.enter(next);
  composer.enter(next.id);
  replying.enter(next.id);
  outbox.enter(next.id);
  composer.rest(slow.until(next.id));
  dress(view());
  rail.show();
  background.count();
  composer.focus();
}

/** What the room's view says, wherever it shows. */
function dress(now) {
  head.show(now);
  notice.show(now);
  composer.open = !closed.show(now, me);
  list.dataset.may = now.may.join(" ");
  notifier.title = `${now.name} · ${say("brand")}`;
}

function roomChanged(now, before) {
  rail.show();
  if (before) background.count();
  if (now?.id !== room.id) return;
  // What I was kept out of is mine again.
  if (room.gone) return isOwn(now) && visit.go(room.id);
  dress(now);
  if (["kind", "role", "may", "members"].some((name) => String(now[name]) !== String(before?.[name]))) people.update(now);
}

/** Somebody of the open room, as far as he has been looked up. */
function known(id) {
  return members.get(id) ?? people.get(id);
}

/** Who is known here: who spoke last, then who else may be met. */
function near() {
  return [...timeline.speakers(), ...members.known, ...people.known];
}

/** A room that the server has just told of, to go to. */
function met(next) {
  rooms.merge([next]);
  visit.go(next.id);
}

function stands(stage) {
  main.dataset.stage = stage;
  rail.show();
}

/** The room of this address is not there, or not for me: the page came without one. */
function lost() {
  if (room.id === LOBBY) gone.show("banned", boot.room.name);
  else gone.show(named === undefined ? "not_found" : "no_message");
}

/** Other messages of the room are here than before. */
function arrived() {
  seen.draw();
  looked();
}

/** Something came into sight, or may have. */
function looked() {
  lookAtDay();
  unread.moved();
  marks.look();
}

function reply(entry) {
  editing.stop();
  replying.start(entry);
}

function want({ id }, does) {
  if (outbox.full) toast(say("too_many_unsent"));
  else outbox.want(id, does);
}

async function openSettings() {
  (await settings())?.();
}

async function showPins({ id }) {
  const part = await pins();
  if (id === room.id) part?.open(id);
}

async function versions(entry) {
  if (!acts.may("versions", entry)) return;
  (await showVersions())?.({ room: room.id, entry, me });
}

function happened(event) {
  happenings.tell(event);
  if (!CHANGES.has(event.kind)) return;
  replying.heard(event);
  pinned?.heard(event);
  if (event.kind === "recall") unread.recalled(event.id);
  if (event.kind === "edit") notifier.edited(event);
}

function edit(entry) {
  editing.start(entry, timeline.words(entry));
}

/** An edit has failed: its words are not lost. */
function giveBack(id, words) {
  const entry = timeline.get(id);
  if (entry && !entry.recalled && composer.free) editing.start(entry, entry.content, words);
  else composer.take(words);
}
