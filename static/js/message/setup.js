// @ts-check
// Sets up the actions on messages.

import { MessageActions } from "./actions.js";
import { wireAuthorClicks, wireMessageClicks, wireVoiceClicks } from "./clicks.js";
import { lazy, loadStyle } from "../ui/lazy.js";
import { loadMedia } from "../ui/media.js";
import { MessageMenu, Toolbar, showToolsOnTap } from "./toolbar.js";
import { Reacting } from "./reacting.js";
import { wireRowKeys } from "../timeline/row-keys.js";
import { say } from "../ui/i18n.js";
import { toast } from "../ui/toast.js";

/** @param {App} app */
export function setupMessageActions(app) {
  const { room, timeline, outbox, unread, readMarker, replying, editing, edit } = app;
  /** Asks the server for a change of a message that is neither an edit nor a recall.
   *  @param {{ id: Entry["id"] }} message
   *  @param {MarkWish} what */
  const change = ({ id }, what) => {
    if (outbox.full) toast(say("too_many_unsent"));
    else outbox.changeMark(Number(id), what);
  };
  const saveAll = lazy(() => Promise.all([import("../files/save-all.js"), loadMedia()]), ([module]) => module.saveAll);
  const loadUnfile = lazy(() => import("./unfile.js"), (module) => module.askUnfile);
  /** @type {MessageActions} */
  const actions = new MessageActions({
    room,
    does: {
      edit, versions: (entry) => app.showVersions(entry), recall: ({ id }) => outbox.recall(Number(id)),
      reply: (entry) => {
        editing.stop();
        replying.start(entry);
      },
      more: (entry, button) => menu.open(entry, button),
      react: (entry, button) => app.reacting.open(entry, button),
      saveall: async ({ files }) => (await saveAll())?.(files),
      pin: (entry) => change(entry, { do: "pin", on: true }),
      unpin: (entry) => change(entry, { do: "pin", on: false }),
      unfile: async (entry) => (await loadUnfile())?.(entry, (file) => change(entry, { do: "unfile", file })),
      unread: (entry) => {
        unread.markFrom(entry);
        readMarker.unreadFrom(entry);
      },
    },
  });
  /** @type {MessageMenu} */
  const menu = new MessageMenu({ actions });
  app.actions = actions;
  app.reacting = new Reacting({ room, seen: (entry) => timeline.withOptimistic(entry), want: change });
  setupLists(app);
}

/** The lists over the room that are about its messages; each comes when it is wanted first.
 *  @param {App} app */
function setupLists(app) {
  const { room, timeline, actions, jump } = app;
  const loadPins = lazy(() => import("./pins.js"), ({ Pins }) => {
    app.pins = new Pins({ may: (what) => room.view.may.includes(what), jump: (to) => jump.to(to), unpin: (entry) => actions.do("unpin", entry) });
    return app.pins;
  });
  app.showPins = async ({ id }) => {
    const pins = await loadPins();
    if (id === room.id) pins?.open(id);
  };
  const loadVersions = lazy(() => import("./versions.js"), (module) => module.showVersions);
  app.showVersions = async (entry) => {
    if (!actions.may("versions", entry)) return;
    (await loadVersions())?.({ room: room.id, entry });
  };
  const loadLightbox = lazy(() => Promise.all([import("../files/lightbox.js"), import("../files/file-run.js"), loadMedia()]), ([{ Lightbox }, { filesOf }]) => {
    app.lightbox = new Lightbox({ jump: (to) => {
      app.gallery?.close();
      jump.to(to);
    } });
    return { lightbox: app.lightbox, filesOf };
  });
  wireVoiceClicks({
    load: lazy(() => Promise.all([import("../voice/player.js"), loadMedia()]), ([{ Player }]) => (app.player = new Player({ timeline }))),
  });
  app.showPicture = async (_entry, from) => {
    const { lightbox, filesOf } = await loadLightbox() ?? {};
    lightbox?.open({ room: room.id, from, files: timeline.since(-1).flatMap(filesOf) });
  };
  const loadGallery = lazy(() => Promise.all([import("../files/gallery.js"), loadMedia(), loadStyle("gallery")]), ([{ Gallery }]) => {
    const picture = async (/** @type {{ room: number, from: HTMLElement, files: RoomFile[] }} */ what) => (await loadLightbox())?.lightbox.open(what);
    app.gallery = new Gallery({ picture, jump: (to) => jump.to(to) });
    return app.gallery;
  });
  app.showFiles = async ({ id }) => {
    const gallery = await loadGallery();
    if (id === room.id) gallery?.open(id);
  };
}

/** Presses and keys on the rows of messages.
 *  @param {App} app */
export function wireMessageRows({ list, timeline, actions, reacting, jump, people, personMenu, showVersions, showPicture }) {
  const find = (/** @type {number} */ id) => timeline.get(id);
  new Toolbar({ list, find, actions });
  showToolsOnTap(list);
  wireRowKeys({ list, find, actions });
  wireMessageClicks({
    list, find, react: (entry, emoji) => reacting.toggle(entry, emoji), versions: showVersions, picture: showPicture, jump: (id) => jump.to(id),
    choose: (entry, button) => actions.do("react", entry, button),
  });
  wireAuthorClicks({ list, known: (id) => people.get(id), menu: personMenu });
}
