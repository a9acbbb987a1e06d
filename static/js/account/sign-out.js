// Going: nothing of whoever was here is left on the page or in the browser for whoever comes next, whether the server answers or not.

import { forget, putAside, takeBack } from "./handover.js";
import { boot } from "../state/boot.js";
import { forgetPages } from "../sync/offline.js";
import { say } from "../ui/i18n.js";

/** All pages of this browser go together. */
const channel = new BroadcastChannel("teahouse.gone");
channel.onmessage = ({ data }) => data === boot.me.id && clear();

/** `end()` ends the session of `person`. What is kept goes first: when the answer is there, the next one may be, too. `ever`: they will
 *  not come back. */
export async function depart(person, end, ever = false) {
  await Promise.all([forgetPages(), putAside()]);
  try {
    await end();
  } catch (error) {
    await takeBack(person);
    throw error;
  }
  if (ever) await forget(person);
  channel.postMessage(person);
  await clear();
}

/** Somebody else is here now: the page begins anew, and until then there is nothing to see on it. */
export async function clear() {
  document.title = say("brand");
  document.body.dataset.departed = say("one_moment");
  await Promise.all([forgetPages(), putAside(), withdraw()]);
  location.reload();
}

/** What was notified is nobody's any more. */
async function withdraw() {
  const registration = await navigator.serviceWorker?.getRegistration();
  for (const each of (await registration?.getNotifications?.()) ?? []) each.close();
}
