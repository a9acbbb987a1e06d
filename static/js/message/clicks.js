// What hangs on the messages in the timeline, when it is pressed: a quote leads to what it quotes, an emoji becomes mine or no longer.

/** `jump(id)` brings the reader to a message, `react(entry, emoji)` puts an emoji on it or takes it away, `choose(entry, button)` lets
 *  him choose one, `versions(entry)` shows what it said before. */
export function wireAnswers({ list, find, jump, react, choose, versions }) {
  list.addEventListener("click", ({ target }) => {
    const part = target.closest(".quote, .chip, .edited");
    const entry = part && find(Number(part.closest(".msg").dataset.id));
    if (!entry) return;
    if (part.matches(".quote")) jump(Number(part.dataset.id));
    else if (part.matches(".edited")) versions(entry);
    else if (part.matches(".another")) choose(entry, part);
    else react(entry, part.dataset.emoji);
  });
}
