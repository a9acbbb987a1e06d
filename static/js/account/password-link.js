// @ts-check
// Links for a new password: made for somebody who has lost theirs, and followed by them.

import { call } from "../net/api.js";
import { copyLink } from "../ui/clipboard.js";
import { FormDialog } from "../ui/dialog.js";
import { LOBBY, pathOf } from "../state/rooms.js";
import { Sheet } from "../ui/sheet.js";
import { toast } from "../ui/toast.js";
import { say } from "../ui/i18n.js";

/** Makes the link for a person and shows it, this once.
 *  @param {Named} named */
export async function makeLink({ id, name }) {
  try {
    const { url } = await call("POST", `people/${id}/password-link`);
    const sheet = new Sheet("link-dialog", () => { field.value = ""; });
    const field = sheet.find("input");
    field.value = new URL(url, location.href).href;
    field.onfocus = () => field.select();
    sheet.find(".text").textContent = say("password_link_hint", { name });
    sheet.find(".copy").onclick = () => copyLink(field);
    sheet.open();
    sheet.find(".copy").focus();
  } catch (error) {
    toast(error.message);
  }
}

/** Whoever followed the link with this code sets the new password, and is in.
 *  @param {string} code */
export async function setPassword(code) {
  const dialog = document.getElementById("password-dialog");
  const form = new FormDialog("password-dialog", async ({ password }) => {
    await call("PUT", "password", { code, new_password: password });
    location.replace(pathOf(LOBBY));
  });
  dialog.addEventListener("close", () => history.replaceState(null, "", pathOf(LOBBY)));
  const title = dialog.querySelector("h2");
  const rest = dialog.querySelectorAll("fieldset, footer");
  try {
    const { name } = await call("POST", "password", { code });
    title.textContent = say("password_for", { name });
    form.open({ username: name });
  } catch (error) {
    title.textContent = error.message;
    for (const part of rest) part.hidden = true;
    dialog.showModal();
  }
}
