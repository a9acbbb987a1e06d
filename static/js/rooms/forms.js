// @ts-check
// The forms that make a room and change it.

import { call } from "../net/api.js";
import { app } from "../state/app.js";
import { boot } from "../state/boot.js";
import { FormDialog } from "../ui/dialog.js";
import { confirm } from "../ui/sheet.js";
import { toast } from "../ui/toast.js";
import { say } from "../ui/i18n.js";
import { wireDeletion } from "./deletion.js";

const SWITCHES = ["read_only", "mute_all"];
const TEXTS = ["name", "topic", "notice"];

/** `made(room)` takes the new one. Gives what opens the form.
 *  @param {(room: RoomView) => void} made */
export function wireCreate(made) {
  const form = new FormDialog("create-dialog", async ({ kind, name, topic }) => {
    const { room } = await call("POST", "rooms", { kind, name, topic });
    return () => made(room);
  });
  const { rooms } = boot.permissions;
  for (const kind of document.querySelectorAll("#create-dialog input[name=kind]")) kind.disabled = !rooms.some((/** @type {string} */ each) => each === kind.value);
  return () => form.open({ kind: rooms[0] });
}

/** `changed(room)` takes what became of it. Gives what opens the form for a room.
 *  @param {(room: RoomView) => void} changed */
export function wireConfigure(changed) {
  /** @type {RoomView} */
  let view;
  const archive = document.getElementById("archive-room");
  const deletion = document.getElementById("delete-room");
  const askDeletion = wireDeletion();
  const settings = document.getElementById("configure-fields");
  // Not there where this server is part of no site.
  const site = document.getElementById("configure-site");
  const form = new FormDialog("configure-dialog", async (values) => {
    /** @type {Record<string, unknown>} */
    const wanted = { ...Object.fromEntries(TEXTS.map((name) => [name, values[name]])), slow: Number(values.slow) };
    for (const name of site && !site.hidden ? [...SWITCHES, "open_to_site"] : SWITCHES) wanted[name] = values[name] === "on";
    const change = Object.fromEntries(Object.entries(wanted).filter(([name, value]) => value !== (view[/** @type {keyof RoomSettings} */ (name)] ?? false)));
    if (Object.keys(change).length) changed((await call("PATCH", `rooms/${view.id}`, change)).room);
  });
  archive.onclick = async () => {
    const archived = !view.archived;
    form.close();
    if (archived && !await confirm({ title: say("ask_archive", { room: view.name }), text: say("ask_archive_hint"), yes: say("archive"), hurts: true })) return;
    try {
      changed((await call("PATCH", `rooms/${view.id}`, { archived })).room);
    } catch (error) {
      toast(error.message);
    }
  };
  const hooks = document.getElementById("room-hooks");
  hooks.onclick = async () => {
    form.close();
    const { want } = await import("../settings/wanted.js");
    want({ room: view.id });
    app.menu.settings("tab-hooks");
  };
  deletion.onclick = () => {
    form.close();
    askDeletion(view);
  };
  return (/** @type {RoomView} */ room) => {
    view = room;
    settings.disabled = !view.may.includes("configure");
    hooks.hidden = !view.may.includes("configure") || view.kind === "direct";
    archive.hidden = !view.may.includes("archive");
    deletion.hidden = !view.may.includes("delete");
    archive.textContent = say(view.archived ? "unarchive" : "archive");
    if (site) site.hidden = !view.may.includes("open_to_site");
    const { name, topic, notice, slow, read_only, mute_all, open_to_site } = view;
    const pace = document.getElementById("configure-slow");
    if (![...pace.options].some(({ value }) => Number(value) === slow)) pace.add(new Option(say("slow_seconds", { n: slow }), String(slow)));
    form.open({ name, topic, notice, slow, read_only, mute_all, ...(site && { open_to_site: open_to_site === true }) });
  };
}
