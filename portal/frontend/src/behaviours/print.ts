/** Unfold what is folded while a page is printed, and fold it again afterwards. */
export function unfoldForPrint(root: Document): void {
  let unfolded: HTMLDetailsElement[] = [];
  window.addEventListener("beforeprint", () => {
    unfolded = [...root.querySelectorAll<HTMLDetailsElement>("main details:not([open], .menu, .no-print)")];
    for (const one of unfolded) one.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const one of unfolded) one.open = false;
    unfolded = [];
  });
}
