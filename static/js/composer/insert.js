// Writing into a text field as a hand would: the browser can undo it, and whoever hears of input hears of this.

/** Puts `text` in the place of what stands between `from` and `to`; the caret stands after it. */
export function insert(field, text, from = field.selectionStart, to = field.selectionEnd) {
  // Where a keyboard would come up over half of the page, the field is left as it is.
  if (matchMedia("(hover: hover)").matches) field.focus({ preventScroll: true });
  field.setSelectionRange(from, to);
  if (document.activeElement === field && document.execCommand("insertText", false, text)) return;
  field.setRangeText(text, from, to, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertReplacementText" }));
}
