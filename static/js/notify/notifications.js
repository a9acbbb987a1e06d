// @ts-check
// The browser's notifications: the service worker shows them, without which some browsers have none; the page itself where there is no
// worker. What is shown outlives the page, so that it is looked for where it is.

/** One was to be shown, and this browser could not. */
let unable = false;

/** "granted", "denied", "default" (not asked yet), or "none" where there are no notifications. */
export function permission() {
  return window.isSecureContext && "Notification" in window && !unable ? Notification.permission : "none";
}

export class Notifications {
  #open;
  /** Those that the page shows by itself.
   *  @type {Set<Notification>} */
  #own = new Set();
  /** One thing after the other: what is to be closed has been shown by then.
   *  @type {Promise<unknown>} */
  #line = Promise.resolve();

  /** `open(room)` is called with an id when one is pressed, once the page has the focus.
   *  @param {(room: number) => void} open */
  constructor(open) {
    this.#open = open;
    navigator.serviceWorker?.addEventListener("message", ({ data }) => data.go !== undefined && open(data.go));
  }

  /** `data` is `{room, id, seq, path}`. There is one for each room: the newest takes the place of the one before.
   *  @param {string} title
   *  @param {string} body
   *  @param {News & { path: string }} data */
  show(title, body, data) {
    return this.#then(() => this.#show(title, body, data));
  }

  /** What is shown of a message says something else now.
   *  @param {number} message
   *  @param {string} body */
  change(message, body) {
    return this.#then(async () => {
      const shown = (await this.#shown()).find(({ data }) => data.id === message);
      if (shown && shown.body !== body) await this.#show(shown.title, body, shown.data);
    });
  }

  /** @param {(news: News) => boolean} which */
  close(which) {
    return this.#then(async () => {
      for (const each of await this.#shown()) if (which(each.data)) each.close();
    });
  }

  /** @param {() => Promise<unknown>} act */
  #then(act) {
    this.#line = this.#line.then(act).catch(() => {});
    return this.#line;
  }

  /** @param {string} title
   *  @param {string} body
   *  @param {News & { path: string }} data */
  async #show(title, body, data) {
    const options = { body, data, tag: `teahouse-${data.room}`, silent: true };
    const worker = await registration();
    if (worker) return worker.showNotification(title, options);
    try {
      const shown = new Notification(title, options);
      this.#own.add(shown);
      shown.onclose = () => this.#own.delete(shown);
      shown.onclick = () => {
        focus();
        shown.close();
        this.#open(data.room);
      };
    } catch {
      unable = true;
    }
  }

  async #shown() {
    const worker = await registration();
    return [...this.#own, ...(await worker?.getNotifications() ?? [])].filter(({ data }) => data?.room !== undefined);
  }
}

/** The worker, once it can show something. */
async function registration() {
  const worker = await navigator.serviceWorker?.getRegistration();
  return worker?.active && "showNotification" in worker ? worker : undefined;
}
