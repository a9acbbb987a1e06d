// @ts-check
// The addresses of files. A picture, a video and a link carry no header: in the frame of another site, where no cookie tells who asks, a key
// in the address does, which opens files alone.

import { boot } from "../state/boot.js";

const { files_key: key } = boot;

/** @param {string} id
 *  @param {string} rendition
 *  @param {boolean} [save] whether it is to be saved, whatever it is */
export function fileAddress(id, rendition, save = false) {
  const query = [...(save ? ["save"] : []), ...(key ? [`key=${key}`] : [])].join("&");
  return `/files/${id}/${rendition}${query && `?${query}`}`;
}
