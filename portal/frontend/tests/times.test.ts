import { describe, expect, it } from "vitest";
import { refreshTimes, relative } from "../src/behaviours/times";

const now = new Date("2026-05-03T12:00:00Z");
const ago = (seconds: number): string => relative(new Date(now.getTime() - seconds * 1000), now);

describe("relative times", () => {
  it("say the same as the server", () => {
    expect(ago(20)).toBe("just now");
    expect(ago(300)).toBe("5 min ago");
    expect(ago(26 * 3600)).toBe("1 day ago");
    expect(ago(3 * 86_400)).toBe("3 days ago");
    expect(ago(20 * 86_400)).toBe("2 weeks ago");
    expect(ago(120 * 86_400)).toBe("3 months ago");
    expect(ago(-2 * 86_400)).toBe("in 2 days");
  });

  it("are kept true while the page is open", () => {
    document.body.innerHTML = `<time datetime="${new Date(Date.now() - 120_000).toISOString()}" data-ago>old</time>`;
    refreshTimes(document);
    expect(document.querySelector("time")?.textContent).toBe("2 min ago");
  });
});
