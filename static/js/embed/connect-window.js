// @ts-check
// Signing in with the house's own account: in a window of its own, since nobody types a password into a frame that its host can cover.
// The window gives a code that only this frame can redeem, because it alone has the verifier (RFC 7636).

const SIZE = "popup,width=480,height=640";

/** @type {{ verifier: string, challenge: string } | undefined} */
let pair;

/** A press must not wait for it: a browser lets a window open only at once. */
export async function prepare() {
  // Over plain http, but on the machine itself, there is no cryptography, and no window: the page in full is left.
  if (!globalThis.crypto?.subtle) return;
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  pair = { verifier, challenge: base64url(new Uint8Array(digest)) };
}

/** Opens the window; `redeem({code, verifier})` when its person agrees. False when there can be none.
 *  @param {string} host
 *  @param {(what: { code: string, verifier: string }) => void} redeem */
export function openConnect(host, redeem) {
  if (!pair) return false;
  const { verifier, challenge } = pair;
  const opened = open(`/embed/connect?${new URLSearchParams({ host, challenge })}`, "_blank", SIZE);
  if (!opened) return false;
  const listen = (/** @type {MessageEvent} */ { source, origin, data }) => {
    if (source !== opened || origin !== location.origin || data?.teahouse !== 1 || typeof data.code !== "string") return;
    removeEventListener("message", listen);
    redeem({ code: data.code, verifier });
  };
  addEventListener("message", listen);
  return true;
}

/** @param {Uint8Array} bytes */
function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
