// The beginning of a text, cut between what a reader takes for characters (UAX 29, grapheme clusters): never within a family, a flag or
// an accent.

/** The tables behind it are large: it is made when something is too long. */
let clusters;

/** As many whole characters of `text` as have `most` Unicode scalar values together. */
export function clip(text, most) {
  if (text.length <= most) return text;
  clusters ??= new Intl.Segmenter();
  let [end, count] = [0, 0];
  for (const { segment } of clusters.segment(text)) {
    for (const _ of segment) count += 1;
    if (count > most) break;
    end += segment.length;
  }
  return text.slice(0, end);
}
