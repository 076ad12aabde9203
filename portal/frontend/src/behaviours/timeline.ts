/** A slider beside the date of a graph: letting go shows that day. */
const DAY = 86_400_000;

export function addSliders(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-timeline]")) {
    const date = form.querySelector<HTMLInputElement>("input[type=date]");
    if (!date || form.querySelector("input[type=range]")) continue;
    const days = daysBetween(date.min, date.max);
    if (!(days > 0)) continue;
    const slider = document.createElement("input");
    slider.type = "range";
    slider.min = "0";
    slider.max = String(days);
    slider.value = String(daysBetween(date.min, date.value));
    slider.setAttribute("aria-label", "As of");
    slider.setAttribute("aria-valuetext", date.value);
    slider.addEventListener("input", () => {
      date.value = dayAfter(date.min, Number(slider.value));
      slider.setAttribute("aria-valuetext", date.value);
    });
    slider.addEventListener("change", () => form.requestSubmit());
    date.addEventListener("input", () => (slider.value = String(daysBetween(date.min, date.value))));
    form
      .querySelector<HTMLInputElement>("input[type=checkbox]")
      ?.addEventListener("change", () => form.requestSubmit());
    date.before(slider);
  }
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY);
}

export function dayAfter(from: string, days: number): string {
  return new Date(Date.parse(`${from}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}
