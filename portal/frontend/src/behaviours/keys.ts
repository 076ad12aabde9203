/** The keyboard: `/` search, `?` keys, `e` edit, arrows and Enter in lists and tables. */
const TYPING = "input, textarea, select, [contenteditable]";

export function listenForKeys(root: Document): void {
  root.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as Element;
    if (target.matches(TYPING)) {
      if (event.key === "ArrowDown" && target.matches('input[type="search"]') && focusFirst(root))
        event.preventDefault();
      if (event.key === "Escape" && target.matches('input[type="search"]')) (target as HTMLElement).blur();
      return;
    }
    if (press(root, event)) event.preventDefault();
  });
  root.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-open-keys]")) openKeys(root);
  });
}

function press(root: Document, event: KeyboardEvent): boolean {
  switch (event.key) {
    case "/":
      return focusSearch(root);
    case "?":
      return openKeys(root);
    case "e":
      return follow(root.querySelector<HTMLAnchorElement>("a[data-key='e']"));
    case "ArrowDown":
      return move(root, 1);
    case "ArrowUp":
      return move(root, -1);
    case "Enter":
      return enter(event.target as Element);
    default:
      return false;
  }
}

function focusSearch(root: Document): boolean {
  const fields = [...root.querySelectorAll<HTMLInputElement>("input[data-search]")];
  const field = fields.find((one) => one.closest("main")) ?? fields[0];
  field?.focus();
  field?.select();
  return field !== undefined;
}

function openKeys(root: Document): boolean {
  const dialog = root.querySelector<HTMLDialogElement>("dialog#keys");
  if (!dialog || dialog.open) return false;
  dialog.showModal();
  return true;
}

function follow(link: HTMLAnchorElement | null): boolean {
  link?.click();
  return link !== null;
}

/** Things the arrows walk through: `[data-nav]` elements in document order. */
function stops(root: Document): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>("[data-nav]")].filter((one) => !one.closest("[hidden]"));
}

function focusFirst(root: Document): boolean {
  const first = stops(root)[0];
  first?.focus();
  return first !== undefined;
}

function move(root: Document, by: number): boolean {
  const all = stops(root);
  const here = all.indexOf(root.activeElement as HTMLElement);
  if (here < 0) return false;
  const next = all[here + by];
  next?.focus();
  next?.scrollIntoView?.({ block: "nearest" });
  return true;
}

function enter(target: Element): boolean {
  if (!target.matches("[data-nav]") || target.matches("a, button, summary")) return false;
  const inner =
    target.querySelector<HTMLElement>("[data-opens]") ?? target.querySelector<HTMLElement>("a[href], button, summary");
  inner?.click();
  return inner !== null;
}
