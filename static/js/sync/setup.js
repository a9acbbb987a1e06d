// @ts-check
// Sets up the connection and the state of the rooms.

import { boot } from "../state/boot.js";
import { path } from "../state/place.js";
import { Connection } from "../net/socket.js";
import { Offline, checkCopies } from "./offline.js";
import { OtherRooms } from "./other-rooms.js";
import { RestorePosition } from "./restore-position.js";
import { RoomSync } from "./room-sync.js";
import { Rooms, messageOf, pathOf, roomOf } from "../state/rooms.js";

/** No room has this id. */
const NOWHERE = 0;

/** @param {App} app */
export function setupSync(app) {
  const rooms = new Rooms({ views: [boot.room, ...boot.rooms], changed: (view, before) => app.openRoom.changed(view, before) });
  const room = new RoomSync(app, boot.found ? boot.room : { id: addressedRoom() });
  const connection = new Connection({
    hello: () => room.hello, receive: (frame) => room.receive(frame), show: (state) => stateChanged(app, state),
  });
  const offline = new Offline({ path: () => (room.gone ? undefined : pathOf(room.id)), seq: () => room.seq });
  const otherRooms = new OtherRooms(app);
  const restorePosition = new RestorePosition(app);
  Object.assign(app, { rooms, room, connection, offline, otherRooms, restorePosition });
}

/** The room of the page's address, where it names one. */
function addressedRoom() {
  const pathname = path();
  return messageOf(pathname) === undefined ? roomOf(pathname) ?? NOWHERE : NOWHERE;
}

/** @param {App} app
 *  @param {ConnectionState} state */
function stateChanged(app, state) {
  const { connectionLine, replying, outbox, attaching, typing } = app;
  connectionLine.show(state);
  if (state.name === "live") {
    replying.draw();
    app.pins?.load();
    app.people?.live();
    outbox.restore();
    outbox.flush();
    attaching.resume();
    app.visibleChanged();
    checkCopies();
  } else if (state.name !== "catching-up") {
    outbox.lost(state.unread);
    typing.leave();
  }
}
