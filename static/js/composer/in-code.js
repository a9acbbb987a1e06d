// Whether what is written next is code: between fences, or behind a backtick that nothing has closed on its line.

export function inCode(before) {
  const fences = before.match(/^ {0,3}(?:```|~~~)/gm) ?? [];
  const line = before.slice(before.lastIndexOf("\n") + 1);
  return fences.length % 2 === 1 || line.split("`").length % 2 === 0;
}
