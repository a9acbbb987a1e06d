// What the quotes in the timeline do when they are pressed.

/** `jump(id)` brings the reader to a message. */
export function wireAnswers({ list, jump }) {
  list.addEventListener("click", ({ target }) => {
    const quote = target.closest(".quote");
    if (quote) jump(Number(quote.dataset.id));
  });
}
