// @ts-check
// A menu that opens at a button. Escape and a press elsewhere close it, and the focus goes back to where it was: that is the browser's.

/** How near it may come to the edge of the page. */
const EDGE_PX = 8;
const GAP_PX = 4;
/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** Opens it below the button, or above, when it is to be or has no room below, and takes the focus to what can be chosen first.
 *  @param {HTMLElement} menu
 *  @param {HTMLElement} button
 *  @param {boolean} [above] */
export function openAt(menu, button, above = false) {
  menu.showPopover({ source: button });
  const place = button.getBoundingClientRect();
  const { offsetWidth: wide, offsetHeight: high } = menu;
  const fits = place.left + wide + EDGE_PX <= innerWidth;
  menu.style.left = `${Math.max(EDGE_PX, fits ? place.left : place.right - wide)}px`;
  const [over, under] = [place.top - high - GAP_PX, place.bottom + GAP_PX];
  const lowest = innerHeight - high - EDGE_PX;
  const top = over >= EDGE_PX && (above || under > lowest) ? over : Math.min(under, lowest);
  menu.style.top = `${Math.max(EDGE_PX, top)}px`;
  (choices(menu)[0] ?? menu).focus();
}

/** The arrows go round among what can be chosen, Home and End to its ends.
 *  @param {HTMLElement} menu */
export function wireArrows(menu) {
  menu.addEventListener("keydown", (event) => {
    const all = choices(menu);
    const here = all.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const next = event.key === "Home" ? 0 : event.key === "End" ? all.length - 1 : event.key in STEPS ? here + STEPS[event.key] : undefined;
    if (next === undefined || !all.length) return;
    event.preventDefault();
    all.at(next % all.length).focus();
  });
}

/** @param {HTMLElement} menu */
function choices(menu) {
  return [...menu.querySelectorAll("button:not([hidden])")];
}
