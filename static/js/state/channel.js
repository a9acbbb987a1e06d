// @ts-check
// The way to the other tabs of this browser. A browser that keeps nothing for the frame of another site may have none: then there are no
// other tabs.

/** @param {string} name
 *  @returns {Pick<BroadcastChannel, "onmessage" | "postMessage">} */
export function openChannel(name) {
  try {
    return new BroadcastChannel(name);
  } catch {
    return { onmessage: null, postMessage() {} };
  }
}
