// What was typed and what was chosen beside it, as one line that the server reads.

/** Marks around a name that has spaces; the first pair that it does not use itself. */
const QUOTES = ['""', "“”", "「」", "『』"];

/** `words` as typed, and of what was chosen: `from` a name, `room` an id, `since` and `before` days, `link` true. */
export function queryOf({ words, from, room, since, before, link }) {
  const chosen = [
    words.trim(),
    from.trim() && `from:${quoted(from.trim())}`,
    room && `in:${room}`,
    since && `after:${since}`,
    before && `before:${before}`,
    link && "has:link",
  ];
  return chosen.filter(Boolean).join(" ");
}

function quoted(name) {
  const [open, close] = QUOTES.find(([one, other]) => !name.includes(one) && !name.includes(other)) ?? QUOTES[0];
  return open + name + close;
}
