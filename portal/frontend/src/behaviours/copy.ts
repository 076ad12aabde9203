/** Copy the text of a `<button class="copy" data-copy="…">`, or of the element `data-copy-from` names. */
export function copyOnClick(root: Document): void {
  root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy], [data-copy-from]");
    if (!button) return;
    event.preventDefault();
    const source = button.dataset.copyFrom ? root.getElementById(button.dataset.copyFrom) : null;
    const text = source ? (source.textContent ?? "").trim() : (button.dataset.copy ?? "");
    void navigator.clipboard.writeText(text).then(() => {
      button.dataset.done = "";
      announce(root, "Copied");
      window.setTimeout(() => delete button.dataset.done, 1500);
    });
  });
}

/** Say something to screen readers through the page's live region. */
export function announce(root: Document, text: string): void {
  const live = root.getElementById("live");
  if (live) live.textContent = text;
}
