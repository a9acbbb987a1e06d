// @ts-check
// The wire to the site around the frame: one greeting, from the window above and of the origin that the server accepted, and then a port
// that no other frame has.

/** @typedef {{ look: { room?: string, accent?: string, theme?: string, lang?: string }, visitor?: string, shown: boolean, identity: boolean, bubble: boolean }} Hello */

/** What is heard by its type; unknown types are for nobody.
 *  @type {Record<string, (data: any) => unknown>} */
export const heard = {};

/** @type {MessagePort | undefined} */
let port;

/** Resolves with the greeting, the only one that is taken.
 *  @param {string} origin
 *  @returns {Promise<Hello>} */
export function greeted(origin) {
  return new Promise((done) => {
    addEventListener("message", (event) => {
      const { data, source, ports } = event;
      if (port || source !== parent || event.origin !== origin || data?.teahouse !== 1 || data.type !== "hello" || ports.length !== 1) return;
      [port] = ports;
      port.onmessage = ({ data: told }) => Object.hasOwn(heard, told?.type) && heard[told.type](told);
      done({ ...data, look: data.look ?? {} });
    });
  });
}

/** @param {"ready" | "token" | "unread" | "message" | "identity" | "close" | "keep" | "error"} type
 *  @param {object} [data] */
export function tell(type, data) {
  port?.postMessage({ type, ...data });
}

/** Nothing more is told: what is here is not for whoever comes now. */
export function fallSilent() {
  port?.close();
}
