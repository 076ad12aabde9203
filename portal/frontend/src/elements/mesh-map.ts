/** `<mesh-map>`: domains as areas, products as dots sized by use, flows as arcs; the tables stay beneath. */
import { type HierarchyCircularNode, hierarchy, pack } from "d3-hierarchy";
import { shorten, svg, textWidth, tool } from "../graph/svg";
import { Viewport } from "../graph/viewport";

interface Datum {
  id: string;
  key?: string;
  label: string;
  hue: string;
  url: string;
  use: number;
  children?: Datum[];
}
type Circle = HierarchyCircularNode<Datum>;

/** All flows from the products of one domain to those of another. */
export interface Between {
  from: string;
  to: string;
  count: number;
  such: string;
}

export class MeshMap extends HTMLElement {
  private canvas = svg("svg", { class: "canvas", role: "group" });
  private viewport: Viewport | undefined;
  private flows: [string, string][] = [];
  private between: Between[] = [];
  private readonly say = document.createElement("p");
  private spots = new Map<string, Circle>();
  private zoomed = "";

  connectedCallback(): void {
    if (this.querySelector(".graph-stage")) return;
    const root = readMesh(this);
    this.flows = [...this.querySelectorAll<HTMLElement>("[data-edges] [data-source]")].map(({ dataset: d }) => [
      d.source ?? "",
      d.target ?? "",
    ]);
    this.between = readBetween(this);
    const stage = document.createElement("div");
    stage.className = "graph-stage no-print";
    this.say.className = "graph-say";
    this.say.hidden = true;
    const tools = document.createElement("div");
    tools.className = "graph-tools";
    tools.append(
      tool("Zoom in", "zoom-in", () => this.viewport?.zoom(1 / 1.3)),
      tool("Zoom out", "zoom-out", () => this.viewport?.zoom(1.3)),
      tool("Show all", "maximize", () => this.showAll()),
    );
    this.canvas.setAttribute(
      "aria-label",
      `${this.dataset.label ?? "Map"}: arrows walk through domains and products, Enter opens`,
    );
    stage.append(this.canvas, this.say, tools);
    this.prepend(stage);
    this.viewport = new Viewport(this.canvas);
    this.draw(place(root, stage.clientWidth / Math.max(stage.clientHeight, 1)));
    this.canvas.addEventListener("keydown", (event) => this.press(event));
  }

  private draw(root: Circle): void {
    const areas = root.children ?? [];
    for (const area of areas) for (const spot of area.children ?? []) this.spots.set(spot.data.id, spot);
    this.canvas.append(
      svg("defs", {}, [
        svg(
          "marker",
          {
            id: "band-arrow",
            viewBox: "0 0 8 8",
            refX: 4,
            refY: 4,
            markerWidth: 9,
            markerHeight: 9,
            markerUnits: "userSpaceOnUse",
            orient: "auto",
          },
          [svg("path", { class: "arrow", d: "M0 0.5L8 4L0 7.5Z" })],
        ),
      ]),
      ...areas.map((one) => this.area(one)),
      ...this.between.flatMap((flow) => this.band(flow, areas)),
      ...this.flows.flatMap(([from, to]) => this.arc(from, to)),
      ...[...this.spots.values()].map((one) => this.spot(one)),
      ...areas.map((one) =>
        svg("text", { class: "area-name", x: one.x, y: one.y - one.r - 6, ...hueOf(one) }, [
          shorten(one.data.label, 26),
        ]),
      ),
    );
    this.canvas.querySelector("[data-stop]")?.setAttribute("tabindex", "0");
    const xs = areas.flatMap((a) => [a.x - a.r, a.x + a.r]);
    const ys = areas.flatMap((a) => [a.y - a.r - 20, a.y + a.r]);
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    for (const child of [...this.canvas.children])
      if (child.tagName !== "defs") child.setAttribute("transform", `translate(${-left} ${-top})`);
    this.shift = { x: -left, y: -top };
    this.viewport?.fit(Math.max(...xs) - left, Math.max(...ys) - top, 16, 1.5);
  }

  private shift = { x: 0, y: 0 };

  private area(one: Circle): SVGElement {
    const group = svg(
      "g",
      {
        class: "area",
        tabindex: "-1",
        role: "button",
        "data-stop": "",
        "data-id": one.data.id,
        "aria-label": `${one.data.label}, ${one.children?.length ?? 0} products`,
        ...hueOf(one),
      },
      [svg("circle", { cx: one.x, cy: one.y, r: one.r })],
    );
    const inside = new Set((one.children ?? []).map((child) => child.data.id));
    group.addEventListener("pointerenter", () => this.trace(inside, one.data.id));
    group.addEventListener("pointerleave", () => this.trace(null));
    group.addEventListener("focus", () => this.trace(inside, one.data.id));
    group.addEventListener("click", () => this.into(one));
    return group;
  }

  private spot(one: Circle): SVGElement {
    const group = svg(
      "g",
      {
        class: "spot",
        tabindex: "-1",
        role: "link",
        "data-stop": "",
        "data-id": one.data.id,
        "aria-label": `${one.data.label}, ${one.parent?.data.label ?? ""}, used by ${one.data.use}`,
        ...hueOf(one),
      },
      [
        svg("circle", { cx: one.x, cy: one.y, r: one.r }),
        svg("text", { x: one.x, y: one.y - one.r - 4 }, [shorten(one.data.label, 28)]),
      ],
    );
    const self = new Set([one.data.id]);
    group.addEventListener("pointerenter", () => this.trace(self, one.parent?.data.id));
    group.addEventListener("pointerleave", () => this.trace(null));
    group.addEventListener("focus", () => this.trace(self, one.parent?.data.id));
    group.addEventListener("click", () => {
      if (one.data.url) window.location.assign(one.data.url);
    });
    return group;
  }

  private arc(from: string, to: string): SVGElement[] {
    const [a, b] = [this.spots.get(from), this.spots.get(to)];
    if (!a || !b) return [];
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const bend = 0.18;
    const d = `M${a.x} ${a.y}Q${(a.x + b.x) / 2 - dy * bend} ${(a.y + b.y) / 2 + dx * bend} ${b.x} ${b.y}`;
    return [svg("path", { class: "flow", d, "data-from": from, "data-to": to })];
  }

  /** A line between two domains, as thick as there are many flows. */
  private band(flow: Between, areas: Circle[]): SVGElement[] {
    const [a, b] = [flow.from, flow.to].map((key) => areas.find((one) => one.data.key === key));
    if (!a || !b) return [];
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const length = Math.hypot(dx, dy) || 1;
    const [ux, uy] = [dx / length, dy / length];
    const start = { x: a.x + ux * a.r - uy * 6, y: a.y + uy * a.r + ux * 6 };
    const end = { x: b.x - ux * (b.r + 5) - uy * 6, y: b.y - uy * (b.r + 5) + ux * 6 };
    const bend = 0.14;
    const d = `M${start.x} ${start.y}Q${(start.x + end.x) / 2 - dy * bend} ${(start.y + end.y) / 2 + dx * bend} ${end.x} ${end.y}`;
    const text = `${a.data.label} → ${b.data.label}: ${flow.count} flow${flow.count === 1 ? "" : "s"}${flow.such ? `, such as ${flow.such}` : ""}`;
    const group = svg("g", { class: "band-flow", "data-from": a.data.id, "data-to": b.data.id }, [
      svg("path", { class: "link-hit", d }),
      svg("path", {
        class: "band-line",
        d,
        "stroke-width": thickness(flow.count),
        "marker-end": "url(#band-arrow)",
      }),
      svg("title", {}, [text]),
    ]);
    group.addEventListener("pointerenter", () => this.tell(text));
    group.addEventListener("pointerleave", () => this.tell(""));
    return [group];
  }

  private tell(text: string): void {
    this.say.textContent = text;
    this.say.hidden = !text;
  }

  private trace(ids: Set<string> | null, area?: string): void {
    for (const one of this.canvas.querySelectorAll<SVGElement>(".band-flow"))
      one.classList.toggle("is-lit", area !== undefined && (one.dataset.from === area || one.dataset.to === area));
    this.canvas.classList.toggle("is-tracing", ids !== null);
    this.canvas.classList.toggle("is-tracing-one", ids?.size === 1);
    const near = new Set(ids ?? []);
    for (const flow of this.canvas.querySelectorAll<SVGElement>(".flow")) {
      const [from, to] = [flow.dataset.from ?? "", flow.dataset.to ?? ""];
      const lit = ids !== null && (ids.has(from) || ids.has(to));
      flow.classList.toggle("is-lit", lit);
      if (lit) near.add(from).add(to);
    }
    for (const spot of this.canvas.querySelectorAll<SVGElement>(".spot"))
      spot.classList.toggle("is-lit", near.has(spot.dataset.id ?? ""));
    for (const one of this.canvas.querySelectorAll<SVGElement>(".area"))
      one.classList.toggle("is-lit", one.dataset.id === area);
  }

  private into(one: Circle): void {
    if (this.zoomed === one.data.id) {
      this.showAll();
      return;
    }
    this.zoomed = one.data.id;
    this.canvas.classList.add("is-inside");
    const ratio = this.canvas.clientWidth / Math.max(this.canvas.clientHeight, 1);
    const height = one.r * 2.5 * Math.max(1, 1 / ratio);
    const width = height * ratio;
    this.declutter(one, width / Math.max(this.canvas.clientWidth, 1));
    this.viewport?.glide({
      x: one.x + this.shift.x - width / 2,
      y: one.y + this.shift.y - height / 2,
      width,
      height,
    });
  }

  /** Name as many products of an area as fit, the most used first, above or below their dots. */
  private declutter(area: Circle, unit: number): void {
    const taken: { left: number; right: number; top: number; bottom: number }[] = [];
    for (const spot of this.canvas.querySelectorAll(".spot.is-named")) spot.classList.remove("is-named");
    for (const one of [...(area.children ?? [])].sort((a, b) => b.data.use - a.data.use)) {
      const element = this.spotOf(one.data.id);
      const half = (textWidth(shorten(one.data.label, 28), "500 11px 'Inter Variable'") * unit) / 2 + 3 * unit;
      for (const y of [one.y - one.r - 4 * unit, one.y + one.r + 12 * unit]) {
        const box = { left: one.x - half, right: one.x + half, top: y - 11 * unit, bottom: y + 3 * unit };
        if (taken.some((t) => box.left < t.right && t.left < box.right && box.top < t.bottom && t.top < box.bottom))
          continue;
        taken.push(box);
        element?.classList.add("is-named");
        element?.querySelector("text")?.setAttribute("y", String(y));
        break;
      }
    }
  }

  private spotOf(id: string): Element | undefined {
    return [...this.canvas.querySelectorAll<SVGElement>(".spot")].find((one) => one.dataset.id === id);
  }

  private showAll(): void {
    this.zoomed = "";
    this.canvas.classList.remove("is-inside");
    for (const spot of this.canvas.querySelectorAll(".spot.is-named")) spot.classList.remove("is-named");
    this.viewport?.reset();
  }

  private press(event: KeyboardEvent): void {
    const stops = [...this.canvas.querySelectorAll<SVGElement>("[data-stop]")];
    const here = stops.indexOf(event.target as SVGElement);
    if (here < 0) return;
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by !== undefined) {
      const next = stops[here + by];
      stops[here]?.setAttribute("tabindex", "-1");
      (next ?? stops[here])?.setAttribute("tabindex", "0");
      next?.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      stops[here]?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    } else if (event.key === "Escape") this.showAll();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** Read domains and their products from the lists the page carries. */
export function readMesh(host: ParentNode): Datum {
  const domains = new Map<string, Datum>();
  for (const { dataset: d } of host.querySelectorAll<HTMLElement>("[data-domains] > [data-id]")) {
    domains.set(d.label ?? "", {
      id: d.id ?? "",
      key: d.key ?? "",
      label: d.label ?? "",
      hue: d.hue ?? "",
      url: d.url ?? "",
      use: 0,
      children: [],
    });
  }
  for (const { dataset: d } of host.querySelectorAll<HTMLElement>("[data-products] [data-id]")) {
    const name = d.domainName ?? "";
    let home = domains.get(name);
    if (!home) {
      home = {
        id: `domain:${name}`,
        label: name || "Elsewhere",
        hue: d.hue ?? "",
        url: "",
        use: 0,
        children: [],
      };
      domains.set(name, home);
    }
    home.children?.push({
      id: d.id ?? "",
      label: d.label ?? "",
      hue: d.hue ?? home.hue,
      url: d.url ?? "",
      use: Number(d.use ?? 0),
    });
  }
  const filled = [...domains.values()].filter((one) => one.children?.length);
  return { id: "root", label: "", hue: "", url: "", use: 0, children: filled };
}

/** Read the flows between domains from their table. */
export function readBetween(host: ParentNode): Between[] {
  return [...host.querySelectorAll<HTMLElement>("[data-between] [data-source]")].map((row) => ({
    from: row.dataset.source ?? "",
    to: row.dataset.target ?? "",
    count: Number(row.dataset.count ?? 1),
    such: row.querySelector("[data-such]")?.textContent?.trim() ?? "",
  }));
}

/** How thick a line of so many flows is: twice as thick for four times as many. */
export function thickness(count: number): number {
  return Math.min(1.5 * Math.sqrt(Math.max(count, 1)), 9);
}

/** A dot's area grows with its use. */
function radiusOf(use: number): number {
  return Math.min(7 + 4.5 * Math.sqrt(use), 40);
}

/** Pack the areas; stretch the picture to the shape of the stage. */
export function place(root: Datum, ratio: number): Circle {
  const tree = hierarchy(root)
    .sum((one) => (one.children ? 0 : 1 + one.use))
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  const placed = pack<Datum>()
    .radius((node) => radiusOf(node.data.use))
    .padding((node) => (node.depth === 0 ? 34 : 15))(tree);
  spread(placed.children ?? [], ratio);
  return placed;
}

/** Lay the areas out in rows that fill a stage of this ratio. */
function spread(areas: Circle[], ratio: number): void {
  const gap = 46;
  const total = areas.reduce((sum, one) => sum + (2 * one.r + gap) ** 2, 0);
  const widest = Math.max(Math.sqrt(total * Math.max(ratio, 0.4)) * 1.02, ...areas.map((one) => 2 * one.r));
  const rows: Circle[][] = [[]];
  let width = 0;
  for (const one of areas) {
    if (width + 2 * one.r > widest && rows.at(-1)?.length) {
      rows.push([]);
      width = 0;
    }
    rows.at(-1)?.push(one);
    width += 2 * one.r + gap;
  }
  let y = 0;
  for (const row of rows) {
    const tall = Math.max(...row.map((one) => one.r));
    const length = row.reduce((sum, one) => sum + 2 * one.r + gap, -gap);
    let x = -length / 2;
    for (const one of row) {
      move(one, x + one.r - one.x, y + tall - one.y);
      x += 2 * one.r + gap;
    }
    y += 2 * tall + gap;
  }
}

function move(area: Circle, dx: number, dy: number): void {
  for (const one of area.descendants()) {
    one.x += dx;
    one.y += dy;
  }
}

function hueOf(one: Circle): Record<string, string> {
  return one.data.hue ? { "data-hue": String(Number(one.data.hue) % 12) } : {};
}

if (!customElements.get("mesh-map")) customElements.define("mesh-map", MeshMap);
