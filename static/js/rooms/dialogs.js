// @ts-check
// Which button opens which dialog, and what follows it. Each dialog is loaded when it is first opened.

import { call } from "../net/api.js";
import { boot } from "../state/boot.js";
import { lazy } from "../ui/lazy.js";
import { joinRoom, leaveRoom } from "./membership.js";
import { path } from "../state/place.js";
import { LOBBY } from "../state/rooms.js";
import { session } from "../state/session.js";
import { toast } from "../ui/toast.js";
import { say } from "../ui/i18n.js";

/** `met(room)` takes a room and goes there, `go(id)` goes to one that is known, `write(person)` to the direct room with a person.
 *  @param {Pick<App, "rooms" | "menu"> & { met: (room: RoomView) => void, go: (id: number) => void, write: App["writeTo"] }} what */
export function wireRoomDialogs({ rooms, menu, met, go, write }) {
  const known = (/** @type {RoomView} */ room) => rooms.merge([room]);
  // Whoever was put out meanwhile is not led back in by an answer from before.
  const stillKnown = (/** @type {RoomView} */ room) => rooms.get(room.id) && known(room);
  const forms = () => import("./forms.js");
  const browse = lazy(() => import("./browse.js"), ({ BrowseRooms }) => new BrowseRooms({ met: known, go }));
  const direct = lazy(() => import("../people/direct-dialog.js"), ({ DirectDialog }) => new DirectDialog({ made: met }));
  const invitations = lazy(() => import("./invitations.js"), ({ Invitations }) => new Invitations());
  const switcher = lazy(() => import("./switcher.js"), ({ Switcher }) => new Switcher({ rooms, go, write }));
  const create = lazy(forms, ({ wireCreate }) => wireCreate(met));
  const configure = lazy(forms, ({ wireConfigure }) => wireConfigure(known));
  const invited = lazy(() => import("./invited.js"), ({ InvitationPrompt }) => InvitationPrompt);
  const password = lazy(() => import("../account/password-link.js"), ({ setPassword }) => setPassword);

  /** @param {keyof ElementById} id
   *  @param {() => unknown} act */
  const on = (id, act) => document.getElementById(id).addEventListener("click", act);
  const browseRooms = async () => (await browse())?.open();
  on("create-room", async () => {
    if (session.isVisitor) menu.signIn(say("create_needs_account"));
    else if (boot.permissions.rooms.length === 0) toast(say("create_not_here"));
    else (await create())?.();
  });
  const inviteToServer = document.getElementById("invite-to-server");
  inviteToServer.hidden = !boot.permissions.invites;
  on("invite-to-server", async () => {
    document.getElementById("menu").hidePopover();
    (await invitations())?.openHouse();
  });
  on("browse-rooms", browseRooms);
  on("browse-instead", browseRooms);
  on("open-direct", async () => (await direct())?.open());
  wireSwitcher(switcher, on);

  return {
    act: {
      configure: async (/** @type {RoomView} */ view) => (await configure())?.(view),
      invite: async (/** @type {RoomView} */ view) => (await invitations())?.open(view),
      leave: async (/** @type {RoomView} */ view) => await leaveRoom(view) && go(LOBBY),
    },
    join: (/** @type {RoomView} */ view) => joinRoom(view, stillKnown),
    /** Asks again what the room is to me.
     *  @param {number} id */
    async refresh(id) {
      const told = await call("GET", `rooms/${id}`).catch(/** @returns {undefined} */ () => undefined);
      if (told) stillKnown(told.room);
    },
    /** Whoever came by a link to join stands before its room first, and by one for a new password before that. */
    async arrived() {
      if (path() === "/password") return (await password())?.(location.hash.slice(1));
      if (!path().startsWith("/join/")) return;
      const { signIn, register } = menu;
      const InvitationPrompt = await invited();
      if (InvitationPrompt) new InvitationPrompt({ invitation: boot.invitation, signIn, register, joined: met });
    },
  };
}

/** A button, and Ctrl K. Its sheet opens at once: what is typed before the rest has come is not lost.
 *  @param {() => Promise<Switcher | undefined>} switcher
 *  @param {(id: keyof ElementById, act: () => unknown) => void} on */
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
