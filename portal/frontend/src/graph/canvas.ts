/** Drawing: the picture on its canvas, what is lit, found and focused in it, and the part of it in view. */
import { drawAll, type Handle, widthOf } from "./draw";
import { exportGraph } from "./export";
import { layout, type Placed } from "./layout";
import { Minimap } from "./minimap";
import { pathThrough } from "./model";
import type { Box, Picture } from "./picture";
import { svg } from "./svg";
import { Viewport } from "./viewport";

/** Beyond this nothing fades: it would stutter. */
const MANY = 150;

export class GraphCanvas {
  readonly element = svg("svg", { class: "canvas", role: "group" });
  readonly viewport: Viewport;
  drawn: Picture = { boxes: new Map(), frames: new Map(), lines: [], said: "" };
  placed: Placed | undefined;
  private readonly minimap: Minimap;
  private parts = new Map<string, SVGElement>();
  private found: string[] = [];
  private traced = "";

  constructor(label: string) {
    this.element.setAttribute("aria-label", label);
    this.viewport = new Viewport(this.element);
    this.minimap = new Minimap(this.viewport);
    this.element.addEventListener("pointerover", (event) =>
      this.trace((event.target as Element).closest<SVGElement>(".node, .link")),
    );
    this.element.addEventListener("pointerleave", () => this.trace(null));
    this.element.addEventListener("focusout", () => this.trace(null));
  }

  /** Put the small map beside the canvas, once the canvas stands in the page. */
  attachMinimap(): void {
    this.element.parentElement?.append(this.minimap.element);
  }

  /** Arrange a picture; `isWanted` is asked again afterwards, since a newer one may have come meanwhile. */
  async arrange(drawn: Picture, isWanted: () => boolean): Promise<boolean> {
    const placed = await layout(drawn, widthOf);
    if (!isWanted()) return false;
    [this.drawn, this.placed] = [drawn, placed];
    return true;
  }

  /** Draw what was arranged; `fit` shows all of it, else what is in view stays. */
  paint(handlesOf: (box: Box) => Handle[], fit: boolean): void {
    const { placed, drawn } = this;
    if (!placed) return;
    this.element.replaceChildren(...drawAll(drawn, placed, handlesOf));
    this.element.classList.toggle("is-large", drawn.boxes.size > MANY);
    const parts = [...this.element.querySelectorAll<SVGElement>(".node, .link")];
    this.parts = new Map(parts.map((one) => [one.dataset.id ?? "", one]));
    const focus = [...drawn.boxes.values()].find((box) => box.node.isFocus) ?? drawn.boxes.values().next().value;
    if (focus) this.parts.get(focus.id)?.setAttribute("tabindex", "0");
    if (fit) this.fit(placed, focus);
    else this.viewport.enlarge(placed.width, placed.height);
    this.minimap.draw(drawn, placed);
  }

  private fit(placed: Placed, focus: Box | undefined): void {
    const stage = this.element.parentElement;
    if (!stage) return;
    const height = Math.min(Math.max(placed.height + 120, 260), window.innerHeight * 0.68);
    stage.style.height = `${Math.round(height)}px`;
    this.viewport.fit(placed.width, placed.height, 36);
    const place = focus && placed.boxes.get(focus.id);
    if (place && this.viewport.unit > 1.8) this.viewport.lookAt(place, 1.1);
  }

  focus(id: string): void {
    this.parts.get(id)?.focus();
  }

  /** Mark the selected box or line, and no other. */
  select(id: string): void {
    for (const one of this.element.querySelectorAll(".is-selected")) one.classList.remove("is-selected");
    this.parts.get(id)?.classList.add("is-selected");
  }

  /** Bring a box into view, left of what covers the right side. */
  reveal(id: string, covered: number): void {
    const place = this.placed?.boxes.get(id);
    if (place) this.viewport.reveal(place, covered);
  }

  /** A box has the focus: Tab comes back to it, and its path is lit. */
  focused(target: SVGElement, covered: number): void {
    const id = target.dataset.id;
    if (!id || !this.placed?.boxes.has(id)) return;
    for (const one of this.element.querySelectorAll(".node[tabindex='0']")) one.setAttribute("tabindex", "-1");
    target.setAttribute("tabindex", "0");
    this.reveal(id, covered);
    this.trace(target);
  }

  /** Mark boxes whose name or columns hold a text; returns how many. */
  find(text: string): number {
    const word = text.trim().toLowerCase();
    const matches = (box: Box): boolean =>
      box.node.name.toLowerCase().includes(word) || box.columns.some((one) => one.path.toLowerCase().includes(word));
    this.found = word ? [...this.drawn.boxes.values()].filter(matches).map((box) => box.id) : [];
    const set = new Set(this.found);
    this.element.classList.toggle("is-finding", word !== "");
    for (const [id, part] of this.parts) part.classList.toggle("is-found", set.has(id));
    return this.found.length;
  }

  showNextFound(): void {
    const id = this.found.shift();
    if (!id) return;
    this.found.push(id);
    const place = this.placed?.boxes.get(id);
    if (place) this.viewport.lookAt(place);
  }

  /** Save the drawing as a file; does nothing before it is arranged. */
  async save(kind: "svg" | "png", name: string): Promise<void> {
    if (this.placed) await exportGraph(this.element, this.placed, kind, name);
  }

  /** Light the whole path through a box or a line, before and after. */
  private trace(part: SVGElement | null): void {
    const id = part?.dataset.id ?? "";
    if (id === this.traced) return;
    this.traced = id;
    this.element.classList.toggle("is-tracing", id !== "");
    if (!id) return;
    const flows = this.drawn.lines.filter((line) => !line.isRelation);
    const line = this.drawn.lines.find((one) => one.id === id);
    const lit = line ? new Set([line.source, line.target]) : pathThrough(flows, id);
    for (const box of this.drawn.boxes.keys()) this.parts.get(box)?.classList.toggle("is-lit", lit.has(box));
    for (const one of this.drawn.lines) {
      const isOnPath = lit.has(one.source) && lit.has(one.target) && !one.isRelation;
      this.parts.get(one.id)?.classList.toggle("is-lit", line ? one === line : isOnPath);
    }
  }
}
