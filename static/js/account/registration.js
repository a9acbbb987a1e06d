// @ts-check
// Registration: who may register, by which invitation, under which name.

import { boot } from "../state/boot.js";

const { doors } = boot;
let { name: chosen } = doors;

/** The invitation that this page stands before, until it is put aside. */
export function invitation() {
  return location.pathname.startsWith("/join/") ? boot.invitation : null;
}

export function mayRegister() {
  return doors.registration === "open" || (doors.registration === "invited" && Boolean(invitation()));
}

/** The name that a visitor has chosen; whoever was only given one has none. */
export function chosenName() {
  return chosen ?? "";
}

/** @param {string} name */
export function nameChosen(name) {
  chosen = name;
}
