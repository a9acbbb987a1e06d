// Lists that change while somebody points at them: a row that stays is the same element in the same place, so that neither focus nor
// a press is lost.

/** Brings a list into line with `items`, which have ids: `make()` gives a new row, `dress(row, item)` writes into it. */
export function fillRows(list, items, make, dress) {
  const known = new Map([...list.children].map((row) => [row.dataset.id, row]));
  items.forEach((item, place) => {
    const id = String(item.id);
    const row = known.get(id) ?? make();
    known.delete(id);
    row.dataset.id = id;
    dress(row, item);
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
  for (const row of known.values()) row.remove();
}
