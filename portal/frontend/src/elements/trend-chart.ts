/** `<trend-chart>`: a line over time with its target; breaches shaded; the table inside is the same in words. */
import { svg } from "../graph/svg";

export interface Point {
  at: Date;
  value: number;
  isKept: boolean;
}

const SIGNS: Record<string, string> = {
  "<=": "at most",
  ">=": "at least",
  "<": "below",
  ">": "above",
  "=": "exactly",
};
const PAD = { left: 44, right: 96, top: 12, bottom: 22 };

export class TrendChart extends HTMLElement {
  private points: Point[] = [];
  private frame = document.createElement("div");
  private tip = document.createElement("div");
  private chosen = -1;

  connectedCallback(): void {
    if (this.querySelector(".chart")) return;
    this.points = readPoints(this);
    if (this.points.length < 2) return;
    this.frame.className = "chart";
    this.frame.tabIndex = 0;
    this.frame.setAttribute("role", "group");
    this.frame.setAttribute(
      "aria-label",
      `${this.dataset.label ?? "Chart"}: ${this.points.length} measurements, arrows walk through them`,
    );
    this.tip.className = "chart-tip";
    this.tip.setAttribute("role", "status");
    this.tip.hidden = true;
    this.prepend(this.frame);
    new ResizeObserver(() => this.draw()).observe(this.frame);
    this.frame.addEventListener("pointermove", (event) =>
      this.show(this.nearest(event.clientX - this.frame.getBoundingClientRect().left)),
    );
    this.frame.addEventListener("pointerleave", () => this.show(-1));
    this.frame.addEventListener("blur", () => this.show(-1));
    this.frame.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      const from = this.chosen < 0 ? (by > 0 ? -1 : this.points.length) : this.chosen;
      this.show(Math.min(Math.max(from + by, 0), this.points.length - 1));
    });
  }

  private get target(): number | undefined {
    return this.dataset.target ? Number(this.dataset.target) : undefined;
  }

  private x(at: Date): number {
    const [first, last] = [this.points[0]!.at.getTime(), this.points.at(-1)!.at.getTime()];
    const share = (at.getTime() - first) / Math.max(last - first, 1);
    return PAD.left + share * (this.frame.clientWidth - PAD.left - PAD.right);
  }

  private y(value: number): number {
    const [low, high] = range(this.points, this.target);
    const share = (value - low) / Math.max(high - low, 1e-9);
    return this.frame.clientHeight - PAD.bottom - share * (this.frame.clientHeight - PAD.top - PAD.bottom);
  }

  private draw(): void {
    const { clientWidth: width, clientHeight: height } = this.frame;
    if (!width) return;
    const [low, high] = range(this.points, this.target);
    const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    for (const value of [low, (low + high) / 2, high]) {
      const y = this.y(value);
      picture.append(svg("line", { class: "grid", x1: PAD.left, x2: width - PAD.right, y1: y, y2: y }));
      picture.append(svg("text", { class: "axis", x: PAD.left - 8, y: y + 4, "text-anchor": "end" }, [brief(value)]));
    }
    for (const [from, to] of breaches(this.points)) {
      const left = this.x(from);
      picture.append(
        svg("rect", {
          class: "breach",
          x: left,
          width: Math.max(this.x(to) - left, 6),
          y: PAD.top,
          height: height - PAD.top - PAD.bottom,
        }),
      );
    }
    picture.append(
      svg("path", {
        class: "line",
        d: this.points.map((p, i) => `${i ? "L" : "M"}${this.x(p.at)} ${this.y(p.value)}`).join(""),
      }),
    );
    for (const point of this.points) {
      if (this.points.length <= 60 || !point.isKept)
        picture.append(
          svg("circle", {
            class: `point${point.isKept ? "" : " is-broken"}`,
            cx: this.x(point.at),
            cy: this.y(point.value),
            r: 2.5,
          }),
        );
    }
    if (this.target !== undefined) {
      const y = this.y(this.target);
      picture.append(svg("line", { class: "target", x1: PAD.left, x2: width - PAD.right, y1: y, y2: y }));
      picture.append(
        svg("text", { class: "target-name", x: width - PAD.right + 6, y: y + 4 }, [
          `${SIGNS[this.dataset.comparison ?? ""] ?? ""} ${brief(this.target)} ${this.dataset.unit ?? ""}`,
        ]),
      );
    }
    const first = this.points[0]!.at;
    const last = this.points.at(-1)!.at;
    picture.append(svg("text", { class: "axis", x: PAD.left, y: height - 5 }, [dayOf(first)]));
    picture.append(
      svg("text", { class: "axis", x: width - PAD.right, y: height - 5, "text-anchor": "end" }, [dayOf(last)]),
    );
    this.frame.replaceChildren(picture, this.tip);
  }

  private nearest(x: number): number {
    let best = 0;
    this.points.forEach((point, index) => {
      if (Math.abs(this.x(point.at) - x) < Math.abs(this.x(this.points[best]!.at) - x)) best = index;
    });
    return best;
  }

  private show(index: number): void {
    this.chosen = index;
    const point = this.points[index];
    this.frame.querySelector(".cursor")?.remove();
    this.tip.hidden = point === undefined;
    if (!point) return;
    const x = this.x(point.at);
    const height = this.frame.clientHeight;
    this.frame
      .querySelector("svg")
      ?.append(svg("line", { class: "cursor", x1: x, x2: x, y1: PAD.top, y2: height - PAD.bottom }));
    const state = this.target === undefined ? "" : point.isKept ? ", kept" : ", broken";
    this.tip.textContent = `${dayOf(point.at)}, ${clock(point.at)}: ${brief(point.value)} ${this.dataset.unit ?? ""}${state}`;
    const left = Math.min(Math.max(x - this.tip.offsetWidth / 2, 0), this.frame.clientWidth - this.tip.offsetWidth);
    this.tip.style.transform = `translate(${left}px, ${Math.max(this.y(point.value) - 36, -8)}px)`;
  }
}

/** Read the measurements from the rows of the table inside. */
export function readPoints(host: ParentNode): Point[] {
  return [...host.querySelectorAll<HTMLElement>("[data-at]")]
    .map(({ dataset: d }) => ({ at: new Date(d.at ?? ""), value: Number(d.value), isKept: d.kept !== "0" }))
    .filter((point) => Number.isFinite(point.value) && !Number.isNaN(point.at.getTime()));
}

/** The spans of time in which the promise was broken, each up to the next measurement. */
export function breaches(points: Point[]): [Date, Date][] {
  const spans: [Date, Date][] = [];
  points.forEach((point, index) => {
    if (point.isKept) return;
    const end = points[index + 1]?.at ?? point.at;
    const last = spans.at(-1);
    if (last && last[1].getTime() === point.at.getTime()) last[1] = end;
    else spans.push([point.at, end]);
  });
  return spans;
}

/** The values to show, with some air; from zero when that is near. */
export function range(points: Point[], target?: number): [number, number] {
  const values = points.map((point) => point.value).concat(target ?? []);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const span = most - least || Math.abs(most) * 0.1 || 1;
  const low = least >= 0 && least < span ? 0 : least - span * 0.15;
  return [low, most + span * 0.15];
}

function brief(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${+(value / 1e6).toFixed(1)}M`;
  if (size >= 1e4) return `${+(value / 1e3).toFixed(1)}k`;
  return String(+value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2));
}

function dayOf(at: Date): string {
  return at.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
}

function clock(at: Date): string {
  return at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

if (!customElements.get("trend-chart")) customElements.define("trend-chart", TrendChart);
