// @ts-check
// Signing in by the site that this server is part of: goes there, and comes back to this page. Only pages of servers with such a site load it.

import { call } from "../net/api.js";
import { people } from "../state/local-store.js";
import { session } from "../state/session.js";
import { handOver } from "./handover.js";

const FROM = "teahouse.from";
const WAS = "teahouse.was";

const button = document.getElementById("site-sign-in");
const problem = document.getElementById("site-sign-in-problem");

button.addEventListener("click", async () => {
  button.disabled = true;
  problem.textContent = "";
  try {
    const { address } = await call("POST", "auth/site/start");
    sessionStorage.setItem(FROM, location.pathname);
    sessionStorage.setItem(WAS, session.me.id);
    location.assign(address);
  } catch (error) {
    problem.textContent = error.message;
  }
  button.disabled = false;
});

// Whoever has just come back goes on with what they had begun as a visitor.
const was = sessionStorage.getItem(WAS);
if (was && !session.isVisitor) {
  sessionStorage.removeItem(WAS);
  const hasBegun = people().has(was);
  handOver(was, session.me.id);
  if (hasBegun) location.reload();
}
