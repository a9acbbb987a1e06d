// @ts-check
// What a request says of who asks. In the page that is nothing: its cookie does. In the frame of another site, which has no cookie, each
// request names the frame's own session.

import { boot } from "../state/boot.js";

const { bearer, lang } = boot;

/** What a WebSocket of ours offers: a browser can set no header there, and an address would stand in logs. */
export const protocols = bearer ? ["teahouse.1", `teahouse.bearer.${bearer}`, `teahouse.lang.${lang}`] : [];

/** @type {Record<string, string>} */
export const credential = bearer ? { authorization: `Bearer ${bearer}`, "accept-language": lang } : {};

/** A request of ours with what it needs besides.
 *  @param {RequestInit & { headers?: Record<string, string> }} [request]
 *  @returns {RequestInit} */
export function authorized(request = {}) {
  return bearer ? { ...request, headers: { ...request.headers, ...credential }, credentials: "omit" } : request;
}
