// Puts the page together. What each part does is in its own file; here is only who knows whom.

import { boot } from "./boot.js";
import { Composer } from "./composer.js";
import { atMidnight } from "./dates.js";
import { Editing } from "./editing.js";
import { Feed } from "./feed.js";
import { History } from "./history.js";
import { showMe } from "./me.js";
import { wireMenu } from "./menu.js";
import { Notifier } from "./notify.js";
import { Outbox } from "./outbox.js";
import { People } from "./people.js";
import { Room } from "./room.js";
import { Scroll } from "./scroll.js";
import { wireSettings } from "./settings.js";
import { StateLine } from "./state.js";
import { Tail } from "./tail.js";
import { Timeline } from "./timeline.js";
import { Tools, showToolsOnTap } from "./tools.js";
import { Unread } from "./unread.js";
import { followKeyboard } from "./viewport.js";
import { Waiting } from "./waiting.js";
import { say } from "./words.js";

const list = document.getElementById("messages");
const box = document.getElementById("timeline");
let me = boot.me;

const room = new Room(boot.room);
const feed = new Feed({ hello: () => room.hello, receive: (type, data) => room.receive(type, data), show: stateChanged });

const tools = new Tools({
  window: boot.limits.recall_window, edit, recall: (entry) => outbox.recall(entry.id),
  isMine: (entry) => me.may_write && entry.by.id === me.id,
});
const scroll = new Scroll({ box, list, moved: () => unread.moved() });
const tail = new Tail({ list, me, act: { retry: (nonce) => outbox.retry(nonce), discard: (nonce) => outbox.discard(nonce) } });
const timeline = new Timeline({
  list, scroll, tail, me,
  hooks: { dressed: (entry) => tools.offer(entry), again: (words) => composer.take(words), forgot: () => { history.more = true; } },
});
const history = new History({ box, timeline, room: boot.room.id, more: boot.more });
const notifier = new Notifier({ me: () => me });
const unread = new Unread({ timeline, scroll, jump: toNewest, notifier });
const people = new People({ room: boot.room.id, me, presence: boot.presence, changed: (look) => becomes({ ...me, ...look }) });

const outbox = new Outbox({
  feed, room: boot.room.id, author: me.id,
  rows: new Waiting({ scroll, tail, timeline, me: () => me, giveBack }),
});
const composer = new Composer({
  room: boot.room.id, limit: boot.limits.message_chars, full: () => outbox.full,
  send: (words) => {
    unread.spoke();
    toNewest();
    outbox.add(words);
  },
  up: () => {
    const last = me.may_write && timeline.last((entry) => entry.by.id === me.id && !entry.recalled);
    if (last) edit(last);
    return last;
  },
});
const editing = new Editing({ composer, save: (id, words) => outbox.edit(id, words) });
const menu = wireMenu({ me: () => me, renamed: becomes });
wireSettings({ me: () => me, becomes });
const stateLine = new StateLine({
  unsent: () => outbox.unsent,
  act: { tryNow: () => feed.tryNow(), reload: () => location.reload(), signIn: () => menu.signIn() },
});

room.connect({ feed, timeline, tail, outbox, history, unread, people, welcomed, me: () => me });
showToolsOnTap(list);
followKeyboard();
atMidnight(() => timeline.redate());
if (boot.closed) {
  // Nobody without an account comes in: the door says so, and there is nothing to connect to.
  document.querySelector(".empty p").textContent = say("stopped_closed");
  stateLine.show({ name: "stopped", why: "closed" });
} else {
  outbox.restore();
  feed.open();
}

function stateChanged(state) {
  stateLine.show(state);
  if (state.name === "live") {
    outbox.restore();
    outbox.flush();
  } else if (state.name !== "catching-up") {
    outbox.lost();
  }
}

function welcomed({ me: known, limits }) {
  composer.limit = limits.message_chars;
  tools.window = limits.recall_window;
  becomes(known);
}

function becomes(next) {
  me = next;
  showMe(me);
  outbox.author = me.id;
  composer.open = me.may_write;
  for (const part of [tail, timeline, people]) part.setMe(me);
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

function toNewest() {
  if (timeline.torn) {
    timeline.clear();
    history.load();
  }
  timeline.jumpToNewest();
}
