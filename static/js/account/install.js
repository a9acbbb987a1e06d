// The page as an app: offered in the menu where the browser would install it (W3C Manifest Incubations, BeforeInstallPromptEvent).

export function wireInstall(menu) {
  const button = document.getElementById("install");
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
