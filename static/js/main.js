// @ts-check
// Puts the page together, one region after the other. What each part does is in its own file; here is only the order.

import { storeDrafts, restoreDrafts } from "./account/handover.js";
import { wireMenu } from "./account/menu.js";
import { setupComposer } from "./composer/setup.js";
import { setupMessageActions, wireMessageRows } from "./message/setup.js";
import { setupPeople } from "./people/setup.js";
import { setupRooms } from "./rooms/setup.js";
import { app } from "./state/app.js";
import { boot } from "./state/boot.js";
import { path } from "./state/place.js";
import { messageOf } from "./state/rooms.js";
import { session } from "./state/session.js";
import { setupSync } from "./sync/setup.js";
import { setupTimeline } from "./timeline/setup.js";
import { begun } from "./start.js";
import { ConnectionLine } from "./ui/connection-line.js";
import { prepareTimes } from "./ui/dates.js";
import { say } from "./ui/i18n.js";
import { showReloadNotice } from "./ui/toast.js";
import { wireShortcuts } from "./ui/keyboard.js";
import { followKeyboard } from "./ui/viewport.js";
import { yieldToMain } from "./ui/lazy.js";

begin();

/** No module awaits at its top level: of a page where one does, WebKit answers a second import() of a part that is still on its way
 *  before that part has run. */
async function begin() {
  // The modules have come; before they are put together, whoever has begun to scroll or to write goes first.
  await yieldToMain();
  prepareTimes();
  await yieldToMain();
  setupSync(app);
  setupTimeline(app);
  setupPeople(app);
  // What stands so far needs nothing of what follows.
  await yieldToMain();
  setupComposer(app);
  app.menu = wireMenu();
  setupMessageActions(app);
  setupRooms(app);
  setupConnectionLine();
  // All parts are there: from here on the page can be used, and what follows may wait for its reader.
  await yieldToMain();
  app.openRoom.show();
  app.otherRooms.countUnread();
  await yieldToMain();
  app.unread.entered(app.room.view.read);
  await yieldToMain();
  standAtAddress();
  wireMessageRows(app);
  wireShortcuts();
  followKeyboard();
  showReloadNotice();
  await yieldToMain();
  connect();
  app.sidebar.show();
  if (!boot.found) app.openRoom.notFound();
  app.dialogs.arrived();
  begun();
  await takeBackDrafts();
}

function setupConnectionLine() {
  app.connectionLine = new ConnectionLine({
    unsent: () => app.outbox.unsent,
    act: { tryNow: () => app.connection.tryNow(), reload: () => location.reload(), signIn: () => app.menu.signIn() },
  });
}

/** At the message that the address names, or at the newest, ready to write. */
function standAtAddress() {
  const { composer, jump, scroll } = app;
  const message = messageOf(path());
  // Whoever has chosen a field meanwhile keeps it, in this page or in the one around its frame.
  if (document.activeElement === document.body && (!boot.embedded || document.hasFocus())) composer.focus();
  if (boot.found && !boot.closed && message !== undefined) jump.to(message);
  else scroll.jumping = false;
}

function connect() {
  if (boot.closed) {
    // Nobody without an account comes in: the door says so, and there is nothing to connect to.
    document.querySelector(".empty p").textContent = say("stopped_closed");
    app.connectionLine.show({ name: "stopped", why: "closed" });
    // So does the place of the box, with a button.
    document.getElementById("state").hidden = true;
  } else {
    app.outbox.restore();
    app.connection.open();
  }
}

/** What others had begun at this browser is theirs, and what I had begun is here again. */
async function takeBackDrafts() {
  const { id } = session.me;
  storeDrafts(id);
  if (!await restoreDrafts(id)) return;
  app.composer.restoreDraft();
  app.replying.enter(app.room.id);
  app.openRoom.show();
}
