// @ts-check
// The settings: a dialog of tabs (WAI-ARIA APG, tabs). Each tab's matter is in a file of its own.

import { AccountTab, ProfileTab } from "./account.js";
import { DevicesTab } from "./devices.js";
import { FilesTab } from "./files.js";
import { LateTab } from "./late-tab.js";
import { app } from "../state/app.js";
import { session } from "../state/session.js";
import { AppearanceTab, NotificationsTab } from "./preferences.js";

/** @type {Record<string, number>} */
const KEYS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** Gives back what opens them, at a tab. */
export function settings() {
  const dialog = document.getElementById("settings");
  const list = dialog.querySelector("[role=tablist]");
  /** @type {Record<string, { open: () => void, close?: () => void }>} */
  const tabs = {
    "tab-profile": new ProfileTab(),
    "tab-look": new AppearanceTab(),
    "tab-news": new NotificationsTab(),
    "tab-devices": new DevicesTab(),
    "tab-files": new FilesTab(),
    "tab-keys": new LateTab("keys", async () => new (await import("./keys.js")).KeysTab()),
    "tab-hooks": new LateTab("hooks", async () => new (await import("./hooks.js")).HooksTab()),
    "tab-bots": new LateTab("bots", async () => new (await import("./bots.js")).BotsTab()),
    "tab-site": new LateTab("site", async () => new (await import("./site.js")).SiteTab()),
    "tab-account": new AccountTab(),
  };
  const offered = () => [...list.children].filter((tab) => !tab.hidden);

  /** @param {Element} chosen */
  function choose(chosen) {
    for (const tab of list.children) {
      const selected = tab === chosen;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !selected;
    }
    chosen.scrollIntoView({ block: "nearest", inline: "nearest" });
    dialog.querySelector(".panels").scrollTop = 0;
    tabs[chosen.id].open();
  }

  /** @param {string} [tab] */
  function open(tab) {
    document.getElementById("menu").hidePopover();
    for (const part of dialog.querySelectorAll("[data-account]")) part.hidden = session.isVisitor;
    document.getElementById("tab-hooks").hidden = session.isVisitor || !app.rooms.own.some(({ may }) => may.includes("configure"));
    dialog.showModal();
    const all = offered();
    const first = all.find(({ id }) => id === tab) ?? all[0];
    choose(first);
    first.focus();
  }

  for (const tab of list.children) tab.addEventListener("click", () => choose(tab));
  list.addEventListener("keydown", (event) => {
    const all = offered();
    const here = all.indexOf(document.activeElement);
    const to = event.key === "Home" ? 0 : event.key === "End" ? all.length - 1 : here + (KEYS[event.key] ?? NaN);
    if (Number.isNaN(to)) return;
    event.preventDefault();
    const next = all.at(to % all.length);
    choose(next);
    next.focus();
  });
  dialog.querySelector(".cancel").onclick = () => dialog.close();
  dialog.addEventListener("pointerdown", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => Object.values(tabs).forEach((tab) => tab.close?.()));
  return open;
}
