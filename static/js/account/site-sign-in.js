// @ts-check
// Signing in by the site that this server is part of: goes there, and comes back to this page (back.js). Only pages of servers with such a
// site load it.

import { call } from "../net/api.js";
import { add, take } from "../state/local-store.js";
import { session } from "../state/session.js";

const FROM = "teahouse.from";
/** What the visitor had begun: it is for whom they become, and with another person's page it is gone from where it was. */
const BEGUN = "teahouse.begun";

const button = document.getElementById("site-sign-in");
const problem = document.getElementById("site-sign-in-problem");

button.addEventListener("click", async () => {
  button.disabled = true;
  problem.textContent = "";
  try {
    const { address } = await call("POST", "auth/site/start");
    remember();
    location.assign(address);
  } catch (error) {
    problem.textContent = error.message;
  }
  button.disabled = false;
});

goOn();

function remember() {
  const { id } = session.me;
  const things = take(id);
  add(id, things);
  try {
    sessionStorage.setItem(FROM, location.pathname);
    if (session.isVisitor) sessionStorage.setItem(BEGUN, JSON.stringify(things));
  } catch {
    // A forbidden storage keeps nothing: they come back to the lobby.
  }
}

function goOn() {
  /** @type {string | null} */
  let begun = null;
  try {
    begun = sessionStorage.getItem(BEGUN);
    sessionStorage.removeItem(BEGUN);
  } catch {
    // As above.
  }
  if (!begun || begun === "{}" || session.isVisitor) return;
  add(session.me.id, JSON.parse(begun));
  location.reload();
}
