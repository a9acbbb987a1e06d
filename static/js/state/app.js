// @ts-check
// The parts of the page by their names. Those of one region find those of a later one here, once the page has begun.

export const app = /** @type {App} */ ({});
