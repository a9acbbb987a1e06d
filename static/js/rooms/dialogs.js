// What opens over the room: who opens which sheet, and where one goes from there. Each comes when it is wanted first.

import { call } from "../net/api.js";
import { boot } from "../state/boot.js";
import { later } from "../ui/lazy.js";
import { joinRoom, leaveRoom } from "./membership.js";
import { LOBBY } from "../state/rooms.js";
import { toast } from "../ui/toast.js";
import { say } from "../ui/i18n.js";

/** `met(room)` takes a room and goes there, `go(id)` goes to one that is known, `write(person)` to the direct room with a person. */
export function wireSheets({ rooms, me, menu, met, go, write }) {
  const known = (room) => rooms.merge([room]);
  const forms = () => import("./forms.js");
  const browse = later(() => import("./browse.js"), ({ Browse }) => new Browse({ me, met: known, go }));
  const direct = later(() => import("../people/direct-dialog.js"), ({ Direct }) => new Direct({ me, made: met }));
  const invitations = later(() => import("./invitations.js"), ({ Invitations }) => new Invitations());
  const switcher = later(() => import("./switcher.js"), ({ Switcher }) => new Switcher({ rooms, me, go, write }));
  const create = later(forms, ({ wireCreate }) => wireCreate(met));
  const configure = later(forms, ({ wireConfigure }) => wireConfigure(known));
  const invited = later(() => import("./invited.js"), ({ Invited }) => Invited);
  const password = later(() => import("../account/password-link.js"), ({ setPassword }) => setPassword);

  const on = (id, act) => document.getElementById(id).addEventListener("click", act);
  const browseRooms = async () => (await browse())?.open();
  on("create-room", async () => {
    if (me().kind === "visitor") menu.signIn(say("create_needs_account"));
    else if (boot.doors.rooms.length === 0) toast(say("create_not_here"));
    else (await create())?.();
  });
  const inviteHouse = document.getElementById("invite-house");
  inviteHouse.hidden = !boot.doors.invites;
  on("invite-house", async () => {
    document.getElementById("menu").hidePopover();
    (await invitations())?.openHouse();
  });
  on("browse-rooms", browseRooms);
  on("browse-instead", browseRooms);
  on("open-direct", async () => (await direct())?.open());
  wireSwitcher(switcher, on);

  return {
    act: {
      configure: async (view) => (await configure())?.(view),
      invite: async (view) => (await invitations())?.open(view),
      leave: async (view) => await leaveRoom(view) && go(LOBBY),
    },
    join: (view) => joinRoom(view, known),
    /** Asks again what the room is to me. */
    async refresh(id) {
      const { room } = await call("GET", `rooms/${id}`).catch(() => ({}));
      if (room) known(room);
    },
    /** Whoever came by a link to join stands before its room first, and by one for a new password before that. */
    async arrived() {
      if (location.pathname === "/password") return (await password())?.(location.hash.slice(1));
      if (!location.pathname.startsWith("/join/")) return;
      const { signIn, register } = menu;
      const Invited = await invited();
      if (Invited) new Invited({ invitation: boot.invitation, me, signIn, register, joined: met });
    },
  };
}

/** A button, and Ctrl K. Its sheet opens at once: what is typed before the rest has come is not lost. */
function wireSwitcher(switcher, on) {
  const open = async () => {
    const sheet = document.getElementById("switcher");
    if (!sheet.open) sheet.showModal();
    const part = await switcher();
    if (!part) sheet.close();
    else if (sheet.open) part.open();
  };
  on("open-switcher", open);
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    open();
  });
}
