// @ts-check
// Lists that change while somebody points at them: a row that stays is the same element in the same place, so that neither focus nor
// a press is lost.

/** Brings a list into line with `items`, which have ids: `make()` gives a new row, `fill(row, item)` writes into it.
 *  @template {{ id: string | number }} T
 *  @param {HTMLElement} list
 *  @param {T[]} items
 *  @param {() => HTMLElement} make
 *  @param {(row: HTMLElement, item: T) => void} fill */
export function updateKeyedList(list, items, make, fill) {
  const known = new Map(/** @type {HTMLElement[]} */ ([...list.children]).map((row) => [row.dataset.id, row]));
  items.forEach((item, place) => {
    const id = String(item.id);
    const row = known.get(id) ?? make();
    known.delete(id);
    row.dataset.id = id;
    fill(row, item);
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
  for (const row of known.values()) row.remove();
}
