// Whether a key belongs to an input method: while it composes, its Enter chooses a word and its arrows go from one to another. Safari
// says so of the last one by its code only.

export function composes({ isComposing, keyCode }) {
  return isComposing || keyCode === 229;
}
