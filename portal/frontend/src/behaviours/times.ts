/** Keep `<time datetime data-ago>` true while a page stays open. Mirrors the server's wording. */
const UNITS: [number, string][] = [
  [60, "s"],
  [3600, "min"],
  [86_400, "h"],
  [86_400 * 14, "day"],
  [86_400 * 60, "week"],
  [86_400 * 365 * 2, "month"],
];
const SIZE: Record<string, number> = {
  min: 60,
  h: 3600,
  day: 86_400,
  week: 604_800,
  month: 2_629_800,
  year: 31_557_600,
};

/** Say how long ago (or ahead) a moment is: `just now`, `5 min ago`, `3 days ago`, `in 2 h`. */
export function relative(then: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - then.getTime()) / 1000);
  const span = Math.abs(seconds);
  if (span < 60) return "just now";
  const unit = UNITS.find(([limit]) => span < limit)?.[1] ?? "year";
  const count = Math.max(1, Math.floor(span / (SIZE[unit] ?? 1)));
  const words = unit === "min" || unit === "h" ? `${count} ${unit}` : `${count} ${unit}${count === 1 ? "" : "s"}`;
  return seconds >= 0 ? `${words} ago` : `in ${words}`;
}

export function refreshTimes(root: ParentNode): void {
  const now = new Date();
  for (const element of root.querySelectorAll<HTMLTimeElement>("time[data-ago]")) {
    const text = relative(new Date(element.dateTime), now);
    if (element.textContent !== text) element.textContent = text;
  }
}
