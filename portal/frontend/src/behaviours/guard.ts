/**
 * Keep what people typed in `<form data-guard="key">` in this browser until it is sent, offer it again after a
 * reload, and warn before leaving with unsaved changes.
 */
const PREFIX = "gazetteer:draft:";
type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

export function guardForms(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-guard]")) guard(form);
}

function guard(form: HTMLFormElement): void {
  if (form.dataset.guarded !== undefined) return;
  form.dataset.guarded = "";
  const key = PREFIX + (form.dataset.guard ?? "");
  const initial = snapshot(form);
  offer(form, key, initial);
  form.addEventListener("input", () => {
    const changed = differences(initial, snapshot(form));
    if (Object.keys(changed).length) localStorage.setItem(key, JSON.stringify(changed));
    else localStorage.removeItem(key);
    form.classList.toggle("is-unsaved", Object.keys(changed).length > 0);
  });
  form.addEventListener("submit", () => {
    form.dataset.sent = "";
    localStorage.removeItem(key);
  });
  window.addEventListener("beforeunload", (event) => {
    const dirty = form.isConnected && form.dataset.sent === undefined && form.classList.contains("is-unsaved");
    if (dirty) event.preventDefault();
  });
}

function offer(form: HTMLFormElement, key: string, initial: Record<string, string>): void {
  const kept = localStorage.getItem(key);
  const note = form.querySelector<HTMLElement>("[data-draft-note]");
  if (!kept || !note) return;
  const draft = differences(initial, JSON.parse(kept) as Record<string, string>, true);
  if (!Object.keys(draft).length) return;
  note.hidden = false;
  note.querySelector("[data-draft-take]")?.addEventListener("click", () => {
    for (const field of fields(form)) if (field.name in draft) field.value = draft[field.name] ?? "";
    form.classList.add("is-unsaved");
    note.hidden = true;
  });
  note.querySelector("[data-draft-drop]")?.addEventListener("click", () => {
    localStorage.removeItem(key);
    note.hidden = true;
  });
}

function fields(form: HTMLFormElement): Field[] {
  return [...form.elements].filter(
    (one): one is Field =>
      "name" in one &&
      "value" in one &&
      (one as Field).name !== "" &&
      !["hidden", "password", "submit", "checkbox", "radio", "file"].includes((one as Field).type),
  );
}

function snapshot(form: HTMLFormElement): Record<string, string> {
  return Object.fromEntries(fields(form).map((field) => [field.name, field.value]));
}

function differences(
  before: Record<string, string>,
  after: Record<string, string>,
  partial = false,
): Record<string, string> {
  const names = partial ? Object.keys(after).filter((name) => name in before) : Object.keys(after);
  return Object.fromEntries(
    names.filter((name) => before[name] !== after[name]).map((name) => [name, after[name] ?? ""]),
  );
}
