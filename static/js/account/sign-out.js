// @ts-check
// Signing out: nothing of whoever was signed in is left on the page or in the browser for whoever comes next, whether the server answers or not.

import { forget, storeDrafts, restoreDrafts } from "./handover.js";
import { openChannel } from "../state/channel.js";
import { session } from "../state/session.js";
import { forgetPages } from "../sync/offline.js";
import { say } from "../ui/i18n.js";

/** All pages of this browser go together. */
const channel = openChannel("teahouse.gone");
channel.onmessage = (/** @type {MessageEvent<string>} */ { data }) => data === session.me.id && clear();

/** `end()` ends the session of `person`. What is kept goes first: when the answer is there, the next one may be, too. `ever`: they will
 *  not come back.
 *  @param {string} person
 *  @param {() => Promise<unknown>} end
 *  @param {boolean} [ever] */
export async function signOut(person, end, ever = false) {
  await Promise.all([forgetPages(), storeDrafts()]);
  try {
    await end();
  } catch (error) {
    await restoreDrafts(person);
    throw error;
  }
  if (ever) await forget(person);
  channel.postMessage(person);
  await clear();
}

/** The server has said who I am, and maybe what else is another now.
 *  @param {Me} me */
export function become(me) {
  // What stands here is the former one's.
  if (me.id !== session.me.id && !session.isVisitor) clear();
  else session.update({ me });
}

/** Somebody else is here now: the page begins anew, and until then there is nothing to see on it. */
export async function clear() {
  document.title = say("brand");
  document.body.dataset.departed = say("one_moment");
  await Promise.all([forgetPages(), storeDrafts(), withdraw()]);
  location.reload();
}

/** What was notified is nobody's any more. */
async function withdraw() {
  const registration = await navigator.serviceWorker?.getRegistration().catch(/** @returns {undefined} */ () => undefined);
  for (const each of (await registration?.getNotifications?.()) ?? []) each.close();
}
