import { describe, expect, it } from "vitest";
import { place, readBetween, readMesh, thickness } from "../src/elements/mesh-map";
import { breaches, type Point, range, readPoints } from "../src/elements/trend-chart";

const point = (hour: number, value: number, isKept = true): Point => ({
  at: new Date(Date.UTC(2026, 0, 1, hour)),
  value,
  isKept,
});

describe("a trend chart", () => {
  it("reads its points from the rows", () => {
    const host = document.createElement("div");
    host.innerHTML =
      '<p data-at="2026-01-01T00:00:00Z" data-value="2.5" data-kept="0"></p><p data-at="nonsense" data-value="1"></p>';
    expect(readPoints(host)).toEqual([point(0, 2.5, false)]);
  });

  it("joins breaches that touch", () => {
    const spans = breaches([point(0, 1), point(1, 9, false), point(2, 9, false), point(3, 1), point(4, 9, false)]);
    expect(spans.map(([a, b]) => [a.getUTCHours(), b.getUTCHours()])).toEqual([
      [1, 3],
      [4, 4],
    ]);
  });

  it("keeps the target in view and starts at zero when that is near", () => {
    expect(range([point(0, 1), point(1, 3)], 6)[0]).toBe(0);
    expect(range([point(0, 1), point(1, 3)], 6)[1]).toBeGreaterThan(6);
    expect(range([point(0, 99), point(1, 99.5)])[0]).toBeGreaterThan(90);
  });
});

describe("the map", () => {
  const host = document.createElement("div");
  host.innerHTML = `
    <ul data-domains><li data-id="d1" data-label="Claims" data-hue="4"></li><li data-id="d2" data-label="Empty" data-hue="1"></li></ul>
    <table data-products>
      <tr data-id="p1" data-label="Settled" data-domain-name="Claims" data-use="9"></tr>
      <tr data-id="p2" data-label="Open" data-domain-name="Claims" data-use="0"></tr>
      <tr data-id="p3" data-label="Orphan" data-domain-name="Elsewhere" data-use="1"></tr>
    </table>`;

  it("puts products into their domains and leaves empty ones out", () => {
    const root = readMesh(host);
    expect(root.children?.map((one) => [one.label, one.children?.length])).toEqual([
      ["Claims", 2],
      ["Elsewhere", 1],
    ]);
    expect(root.children?.[0]?.children?.[0]?.hue).toBe("4");
  });

  it("draws a dot larger the more it is used, and no two areas over each other", () => {
    const areas = place(readMesh(host), 2).children ?? [];
    const [busy, idle] = areas.flatMap((one) => one.children ?? []).sort((a, b) => b.data.use - a.data.use);
    expect(busy!.r).toBeGreaterThan(idle!.r);
    const [a, b] = areas;
    expect(Math.hypot(a!.x - b!.x, a!.y - b!.y)).toBeGreaterThan(a!.r + b!.r);
  });
});

describe("flows between domains", () => {
  it("are read from their table, and are thicker the more there are", () => {
    const host = document.createElement("div");
    host.innerHTML =
      '<table data-between><tr data-source="claims" data-target="policy" data-count="4"><td data-such> a → b </td></tr></table>';
    expect(readBetween(host)).toEqual([{ from: "claims", to: "policy", count: 4, such: "a → b" }]);
    expect(thickness(4)).toBe(2 * thickness(1));
    expect(thickness(10_000)).toBeLessThan(10);
  });
});
