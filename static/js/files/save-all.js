// @ts-check
// Saves the files of a message one after the other. What is not there any more is not saved, and is counted.

import { fileAddress } from "./address.js";
import { authorized } from "../net/credential.js";
import { isPicture } from "../timeline/files-row.js";
import { say } from "../ui/i18n.js";
import { toast } from "../ui/toast.js";

/** @param {ShownFile[]} files */
export async function saveAll(files) {
  let absent = 0;
  for (const file of files.filter(({ id, gone }) => id && !gone)) {
    const href = fileAddress(file.id, isPicture(file) ? "l" : "raw", true);
    // Asked before: what a browser makes of a refusal helps nobody. It also keeps one from overtaking another.
    const answer = await fetch(href, authorized({ method: "HEAD", cache: "reload" })).catch(/** @returns {undefined} */ () => undefined);
    const isAbsent = answer?.status === 404 || answer?.status === 410;
    if (!answer || (!answer.ok && !isAbsent)) return toast(say("unreachable"));
    if (answer.ok) Object.assign(document.createElement("a"), { href, download: "" }).click();
    else absent += 1;
  }
  if (absent) toast(say("files_absent", { n: absent }));
}
