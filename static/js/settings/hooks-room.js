// @ts-check
// The room whose hooks are wanted when the settings open: that of the sheet that leads there.

/** @type {number | undefined} */
let wanted;

/** @param {number} room */
export function wantRoom(room) {
  wanted = room;
}

export function takeWantedRoom() {
  const room = wanted;
  wanted = undefined;
  return room;
}
