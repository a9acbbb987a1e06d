// @ts-check
// If the page cannot begin it says so, instead of standing there like a picture. Runs before the page's own script, whose errors it
// hears; kept so plain that a browser too old for the rest still reads it.

var strings = JSON.parse(document.getElementById("boot").textContent).strings;
var line = document.getElementById("state");
var kinds = ["error", "unhandledrejection"];
kinds.forEach(function (kind) { addEventListener(kind, failed, true); });

/** The page is there: what goes wrong from now on is no reason to begin anew. */
export function begun() {
  kinds.forEach(function (kind) { removeEventListener(kind, failed, true); });
  if (line.dataset.state === "stuck") line.dataset.state = "connecting";
  dispatchEvent(new Event("begun"));
}

/** @param {any} event */
function failed(event) {
  // A picture that does not come is no harm, and what others put into the page is not ours.
  var ours = event.target === window ? String(event.filename || location.origin).indexOf(location.origin) === 0 : event.target.nodeName === "SCRIPT";
  if (!ours) return;
  var button = document.createElement("button");
  button.type = "button";
  button.textContent = strings.reload;
  button.onclick = function () { location.reload(); };
  line.dataset.state = "stuck";
  line.textContent = strings.stuck + " ";
  line.appendChild(button);
  document.getElementById("state-spoken").textContent = strings.stuck;
}
