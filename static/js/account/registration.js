// @ts-check
// Registration: who may register, by which invitation, under which name.

import { boot } from "../state/boot.js";
import { path } from "../state/place.js";

const { permissions } = boot;
let { name: chosen } = permissions;

/** The invitation that this page stands before, until it is put aside. */
export function invitation() {
  return path().startsWith("/join/") ? boot.invitation : null;
}

export function mayRegister() {
  return permissions.registration === "open" || (permissions.registration === "invited" && Boolean(invitation()));
}

/** The name that a visitor has chosen; whoever was only given one has none. */
export function chosenName() {
  return chosen ?? "";
}

/** @param {string} name */
export function nameChosen(name) {
  chosen = name;
}
