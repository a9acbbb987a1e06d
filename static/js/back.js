// @ts-check
// The page to which the site sends somebody back: takes the token out of the address, where nobody else has seen it, and posts it. Whoever
// is in goes back to where they came from.

import { ask } from "./embed/session.js";

const FROM = "teahouse.from";

const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
history.replaceState(null, "", location.pathname);

try {
  await ask("POST", "/api/v1/auth/site", { body: { token }, credentials: "same-origin" });
  location.replace(from());
} catch (error) {
  const problem = document.getElementById("back-problem");
  document.getElementById("back-loading").hidden = true;
  document.getElementById("back-failed").hidden = false;
  problem.textContent = error.message || problem.dataset.unreachable;
  document.getElementById("back-home").focus();
}

/** A path of this server, and of nobody else. */
function from() {
  try {
    const path = sessionStorage.getItem(FROM) ?? "/";
    sessionStorage.removeItem(FROM);
    return new URL(path, location.origin).origin === location.origin ? path : "/";
  } catch {
    return "/";
  }
}
