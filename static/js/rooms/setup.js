// @ts-check
// Sets up the sidebar, the router and the header of the open room.

import { wireDayClicks } from "../message/clicks.js";
import { OpenRoom } from "./open-room.js";
import { wireRoomDialogs } from "./dialogs.js";
import { RoomHeader } from "./header.js";
import { Router } from "./router.js";
import { wireSearch } from "../search/open.js";
import { Sidebar } from "./sidebar.js";
import { SystemMessages } from "../timeline/system-messages.js";
import { lazy } from "../ui/lazy.js";

/** @param {App} app */
export function setupRooms(app) {
  const { rooms, room, timeline, members, list, jump, menu, writeTo, showPins, showFiles, visibleChanged } = app;
  const openRoom = new OpenRoom(app, { signIn: () => menu.signIn(), join: (view) => dialogs.join(view) });
  const router = new Router({ rooms, room, openRoom, jump, visibleChanged });
  const goTo = (/** @type {RoomView} */ view) => openRoom.goTo(view);
  const dialogs = wireRoomDialogs({ rooms, menu, met: goTo, go: (id) => router.go(id), write: writeTo });
  const systemMessages = new SystemMessages({ rooms, room, timeline, members, refresh: dialogs.refresh });
  const search = wireSearch({ room: () => (room.gone ? undefined : room.view), known: () => timeline.since(-1).map(({ by }) => by.name) });
  const dateDialog = lazy(() => import("../timeline/date-dialog.js"), (module) => module.dateDialog((at) => jump.day(at)));
  /** @param {number} [at] */
  const askDate = async (at) => (await dateDialog())?.(at);
  wireDayClicks({ list, ask: askDate });
  const header = new RoomHeader({
    act: { ...dialogs.act, pins: showPins, files: showFiles, search: () => search(true), date: () => askDate() },
    changed: (partial) => rooms.merge([partial]),
  });
  const sidebar = new Sidebar({ rooms, open: () => (room.gone ? undefined : room.id) });
  Object.assign(app, { openRoom, router, dialogs, systemMessages, header, sidebar });
}
