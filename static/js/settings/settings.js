// The settings: a dialog of tabs (WAI-ARIA APG, tabs). Each tab's matter is in a file of its own.

import { AccountTab } from "./account.js";
import { DevicesTab } from "./devices.js";
import { ProfileTab } from "./profile.js";
import { LookTab, NewsTab } from "./preferences.js";

const KEYS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** Gives back what opens them. `me()` is who I am now; `becomes(me)` takes what I have become. */
export function settings({ me, becomes }) {
  const dialog = document.getElementById("settings");
  const list = dialog.querySelector("[role=tablist]");
  const tabs = {
    "tab-profile": new ProfileTab({ me, becomes }),
    "tab-look": new LookTab(),
    "tab-news": new NewsTab(),
    "tab-devices": new DevicesTab(),
    "tab-account": new AccountTab({ me }),
  };
  const offered = () => [...list.children].filter((tab) => !tab.hidden);

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

  function open() {
    document.getElementById("menu").hidePopover();
    for (const part of dialog.querySelectorAll("[data-account]")) part.hidden = me().kind === "visitor";
    dialog.showModal();
    const [first] = offered();
    choose(first);
    first.focus();
  }

  for (const tab of list.children) tab.onclick = () => choose(tab);
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
