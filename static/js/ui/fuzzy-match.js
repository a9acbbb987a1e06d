// How well a few letters fit a name: all of them, in order, best at the beginning and side by side. 0 is not at all.

export function match(letters, name) {
  const wanted = [...letters.toLowerCase()].filter((letter) => letter.trim());
  const there = [...name.toLowerCase()];
  let fit = 0, from = 0, last = -2;
  for (const letter of wanted) {
    const at = there.indexOf(letter, from);
    if (at < 0) return 0;
    fit += 1 + (at === last + 1 ? 2 : 0) + (at === 0 || !/[\p{L}\p{N}]/u.test(there[at - 1]) ? 3 : 0);
    last = at;
    from = at + 1;
  }
  return fit / (1 + there.length / 100);
}
