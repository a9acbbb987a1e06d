// What opens over the room: who opens which sheet, and where one goes from there.

import { call } from "./api.js";
import { boot } from "./boot.js";
import { Browse, joinRoom } from "./browse.js";
import { Direct } from "./direct.js";
import { Invitations } from "./invitations.js";
import { Invited } from "./invited.js";
import { leaveRoom, wireConfigure, wireCreate } from "./room-forms.js";
import { LOBBY } from "./rooms.js";
import { Switcher } from "./switcher.js";

/** `met(room)` takes a room and goes there, `go(id)` goes to one that is known, `write(person)` to the direct room with a person. */
export function wireSheets({ rooms, me, menu, met, go, write }) {
  const on = (id, act) => document.getElementById(id).addEventListener("click", act);
  const known = (room) => rooms.merge([room]);
  const browse = new Browse({ me, met: known, go });
  const direct = new Direct({ me, made: met });
  const invitations = new Invitations();
  const switcher = new Switcher({ rooms, me, go, write });
  on("create-room", wireCreate(met));
  on("browse-rooms", () => browse.open());
  on("browse-instead", () => browse.open());
  on("open-direct", () => direct.open());
  on("open-switcher", () => switcher.open());

  return {
    act: {
      configure: wireConfigure(known),
      invite: (view) => invitations.open(view),
      leave: async (view) => await leaveRoom(view) && go(LOBBY),
    },
    join: (view) => joinRoom(view, known),
    /** Asks again what the room is to me. */
    async refresh(id) {
      const { room } = await call("GET", `rooms/${id}`).catch(() => ({}));
      if (room) known(room);
    },
    /** Whoever came by a link to join stands before its room first. */
    arrived() {
      if (!location.pathname.startsWith("/join/")) return;
      const { signIn, register } = menu;
      new Invited({ invitation: boot.invitation, me, signIn, register, joined: met });
    },
  };
}
