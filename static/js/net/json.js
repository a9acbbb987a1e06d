// What goes to the server as JSON. Text is cut into UTF-16 by the browser, and may end within a character: such a half is U+FFFD, as
// it would be wherever the text becomes bytes.

export function json(data) {
  return JSON.stringify(data, (_, value) => (typeof value === "string" ? value.toWellFormed() : value));
}
