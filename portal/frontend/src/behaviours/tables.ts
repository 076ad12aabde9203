/** Filter the rows of a table while typing: `<input data-filter="table-id">`; rows carry `data-text`. */
export function filterTables(root: Document): void {
  root.addEventListener("input", (event) => {
    const field = event.target as HTMLInputElement;
    const id = field.dataset?.filter;
    if (!id) return;
    const table = root.getElementById(id);
    if (table) applyFilter(table, field.value);
  });
}

/** Hide the rows whose `data-text` lacks one of the words; say how many are left. */
export function applyFilter(table: Element, text: string): number {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of table.querySelectorAll<HTMLElement>("[data-text]")) {
    const hay = (row.dataset.text ?? "").toLowerCase();
    row.hidden = !words.every((word) => hay.includes(word));
    if (!row.hidden) shown += 1;
    const detail = row.nextElementSibling;
    if (detail instanceof HTMLElement && detail.dataset.detail !== undefined && row.hidden) detail.hidden = true;
  }
  const none = table.querySelector<HTMLElement>("[data-none]");
  if (none) none.hidden = shown > 0;
  const count = document.querySelector<HTMLElement>(`[data-count-of="${table.id}"]`);
  if (count) count.textContent = String(shown);
  return shown;
}

/** Open the detail row under a row: `<button aria-controls="row-id" aria-expanded>`. */
export function openRows(root: Document): void {
  root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-opens]");
    if (!button) return;
    const detail = root.getElementById(button.dataset.opens ?? "");
    if (!detail) return;
    event.preventDefault();
    detail.hidden = !detail.hidden;
    button.setAttribute("aria-expanded", String(!detail.hidden));
    button.closest("tr")?.classList.toggle("is-open", !detail.hidden);
  });
}
