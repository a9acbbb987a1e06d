// Sections of the rail that are folded. What waits in them, and where one is, shows all the same.

const FOLDED = "teahouse.folded";

export function wireFolds() {
  const folded = new Set(kept());
  for (const button of document.querySelectorAll(".fold")) {
    const list = document.getElementById(button.getAttribute("aria-controls"));
    const show = () => {
      button.ariaExpanded = String(!folded.has(list.id));
      list.classList.toggle("folded", folded.has(list.id));
    };
    button.onclick = () => {
      if (!folded.delete(list.id)) folded.add(list.id);
      keep([...folded]);
      show();
    };
    show();
  }
}

function kept() {
  try {
    return (localStorage.getItem(FOLDED) ?? "").split(" ").filter(Boolean);
  } catch {
    return [];
  }
}

function keep(ids) {
  try {
    localStorage.setItem(FOLDED, ids.join(" "));
  } catch {
    // Not kept, then.
  }
}
