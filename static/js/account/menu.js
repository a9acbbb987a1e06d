// @ts-check
// The account menu at the foot of the sidebar: opens dialogs, signs out, installs the page, changes language and theme.

import { call } from "../net/api.js";
import { mayRegister } from "./registration.js";
import { signOut } from "./sign-out.js";
import { setPreferences } from "../state/preferences.js";
import { session } from "../state/session.js";
import { lazy } from "../ui/lazy.js";
import { loadMedia } from "../ui/media.js";
import { toast } from "../ui/toast.js";
import { say, placeName } from "../ui/i18n.js";

/** Gives back what others may open. */
export function wireMenu() {
  const menu = document.getElementById("menu");
  /** @param {keyof ElementById} id
   *  @param {() => unknown} act */
  const on = (id, act) => document.getElementById(id).addEventListener("click", act);

  const forms = lazy(() => import("./forms.js"), ({ accountForms }) => accountForms());
  /** `reason` says what one would have to sign in for. */
  const openSignIn = async (reason = "") => (await forms())?.signIn(reason);
  const openRegister = async () => (await forms())?.register();
  /** @type {[keyof ElementById, () => void][]} */
  const ways = [
    ["open-rename", async () => (await forms())?.rename()],
    ["open-sign-in", openSignIn],
    ["sign-in-button", openSignIn],
    ["open-register", openRegister],
  ];
  for (const [id, open] of ways) {
    on(id, () => {
      menu.hidePopover();
      open();
    });
  }
  const settings = lazy(() => Promise.all([import("../settings/settings.js"), loadMedia()]), ([module]) => module.settings());
  /** @param {string} [tab] */
  const openSettings = async (tab) => (await settings())?.(tab);
  on("open-settings", () => openSettings());
  wireInstall(menu);
  session.subscribe(showMe);

  on("sign-out", () => attempt(() => signOut(session.me.id, () => call("DELETE", "session"))));
  for (const lang of LANGS) {
    on(`lang-${lang}`, () => attempt(async () => {
      await setPreferences({ lang });
      location.reload();
    }));
  }
  for (const theme of THEMES) {
    on(`theme-${theme}`, () => attempt(async () => {
      showTheme(theme);
      await setPreferences({ theme });
    }));
  }

  return { signIn: openSignIn, register: openRegister, settings: openSettings };
}

/** @param {() => Promise<unknown>} act */
async function attempt(act) {
  try {
    await act();
  } catch (error) {
    toast(error.message);
  }
}

/** @type {Lang[]} */
const LANGS = ["zh", "en"];
/** @type {Theme[]} */
const THEMES = ["auto", "light", "dark"];
/** @type {Record<string, string>} */
const CALLED = { owner: "server_owner", admin: "server_admin" };

/** Who I am, as the page shows it, and what the menu offers. */
export function showMe() {
  const { me, isVisitor: visitor } = session;
  document.getElementById("me-face").src = me.avatar;
  document.getElementById("me-name").textContent = me.name;
  document.getElementById("me-about").textContent = [say(visitor ? "visitor" : CALLED[me.role] ?? "member"), placeName(me.place)].filter(Boolean).join(" · ");
  for (const id of ["open-rename", "open-sign-in", "sign-in-button"]) document.getElementById(id).hidden = !visitor;
  const may = visitor && mayRegister();
  document.getElementById("open-register").hidden = !may;
  document.getElementById("sign-in-button").textContent = say(may ? "sign_in_or_register" : "sign_in");
  document.getElementById("sign-out").hidden = visitor;
  document.getElementById("connections").hidden = !(me.role in CALLED);
}

/** Light, dark, or as the system has it: on the page, on the browser's own chrome, on the buttons of the menu.
 *  @param {Theme} theme */
export function showTheme(theme) {
  document.documentElement.dataset.theme = theme;
  document.querySelector("meta[name=color-scheme]").content = theme === "auto" ? "light dark" : theme;
  for (const meta of document.querySelectorAll("meta[name=theme-color]")) {
    const { scheme } = meta.dataset;
    meta.media = theme === "auto" ? `(prefers-color-scheme: ${scheme})` : theme === scheme ? "all" : "not all";
  }
  for (const each of THEMES) {
    document.getElementById(`theme-${each}`).setAttribute("aria-pressed", String(each === theme));
  }
}

/** The page as an app: offered where the browser would install it (W3C Manifest Incubations, BeforeInstallPromptEvent).
 *  @param {HTMLElement} menu */
function wireInstall(menu) {
  const button = document.getElementById("install");
  /** @type {BeforeInstallPromptEvent} */
  let offer;
  addEventListener("beforeinstallprompt", (event) => {
    // The browser's own banner would stand over what somebody reads.
    event.preventDefault();
    offer = event;
    button.hidden = false;
  });
  addEventListener("appinstalled", () => button.hidden = true);
  button.onclick = () => {
    menu.hidePopover();
    // It can be asked once; the browser says when it may be again.
    button.hidden = true;
    offer.prompt();
  };
}
