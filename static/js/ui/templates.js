// Rows and parts are made from the page's own templates, so that both look the same.

export function clone(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}
