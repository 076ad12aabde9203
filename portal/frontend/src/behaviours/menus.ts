/** Close `<details class="menu">` on Escape, on a click elsewhere and when another one opens. */
export function closeMenus(root: Document): void {
  const open = (): HTMLDetailsElement[] => [...root.querySelectorAll<HTMLDetailsElement>("details.menu[open]")];
  root.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target as Node)) menu.open = false;
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector<HTMLElement>("summary")?.focus();
    }
  });
}
