// @ts-check
// Rows and parts are made from the page's own templates, so that both look the same; signs from its symbols.

/** @template {keyof ElementByTemplate} I
 *  @param {I} id
 *  @returns {ElementByTemplate[I]} */
export function clone(id) {
  return /** @type {any} */ (document.getElementById(id)).content.firstElementChild.cloneNode(true);
}

/** One of the page's own signs.
 *  @param {string} name */
export function icon(name) {
  const sign = clone("icon-template");
  sign.firstElementChild.setAttribute("href", `#i-${name}`);
  return sign;
}
