/** `<lineage-graph>`: draws the nodes and edges of the table inside it; the table stays beneath. */
import { layout, HEIGHT, type Placed } from "../graph/layout";
import { merge, pathThrough, readGraph, type Graph, type GraphNode } from "../graph/model";
import { shorten, svg, textWidth, tool } from "../graph/svg";
import { Viewport } from "../graph/viewport";

const LONGEST = 30;

export class LineageGraph extends HTMLElement {
  private graph: Graph = { nodes: new Map(), edges: [] };
  private placed: Placed | undefined;
  private canvas = svg("svg", { class: "canvas", role: "group" });
  private say = document.createElement("p");
  private viewport: Viewport | undefined;

  connectedCallback(): void {
    if (this.placed || this.querySelector(".graph-stage")) return;
    this.graph = readGraph(this);
    if (!this.graph.nodes.size) return;
    this.canvas.setAttribute("aria-label", `${this.dataset.label ?? "Graph"}: arrows follow edges, Enter opens, x expands`);
    this.prepend(this.stage());
    const table = this.querySelector<HTMLDetailsElement>(".graph-table");
    if (table && window.innerHeight < 1200) table.open = this.graph.edges.length <= 40;
    this.viewport = new Viewport(this.canvas);
    void document.fonts.ready.then(() => this.draw(true));
  }

  private stage(): HTMLElement {
    const stage = document.createElement("div");
    stage.className = "graph-stage no-print";
    const tools = document.createElement("div");
    tools.className = "graph-tools";
    tools.append(
      tool("Zoom in", "zoom-in", () => this.viewport?.zoom(1 / 1.3)),
      tool("Zoom out", "zoom-out", () => this.viewport?.zoom(1.3)),
      tool("Show all", "maximize", () => this.viewport?.reset()),
    );
    this.say.className = "graph-say";
    this.say.setAttribute("role", "status");
    this.say.textContent = "Arranging…";
    stage.append(this.canvas, this.say, tools, legend(this.graph));
    stage.addEventListener("keydown", (event) => this.press(event));
    return stage;
  }

  private async draw(fit: boolean): Promise<void> {
    try {
      this.placed = await layout(this.graph, (id) => this.widthOf(id));
    } catch (error) {
      this.say.textContent = "The graph could not be arranged; the table below has all of it.";
      console.error(error);
      return;
    }
    this.say.hidden = true;
    const had = (document.activeElement as HTMLElement | null)?.dataset.id;
    this.canvas.replaceChildren(arrowHead(), ...this.edges(), ...this.nodes());
    const first = this.nodeOf([...this.graph.nodes.values()].find((one) => one.isFocus)?.id ?? [...this.graph.nodes.keys()][0] ?? "");
    first?.setAttribute("tabindex", "0");
    const stage = this.canvas.parentElement;
    if (stage && fit) stage.style.height = `${Math.round(Math.min(Math.max(this.placed.height + 110, 220), window.innerHeight * 0.62))}px`;
    if (fit) this.viewport?.fit(this.placed.width, this.placed.height);
    if (had) this.nodeOf(had)?.focus();
  }

  private widthOf(id: string): number {
    const node = this.graph.nodes.get(id);
    if (!node) return 120;
    const name = textWidth(shorten(node.label, LONGEST), "500 13px 'Inter Variable'");
    const sub = textWidth(shorten(subOf(node), LONGEST + 6), "400 11px 'Inter Variable'");
    return Math.max(120, Math.ceil(Math.max(name, sub)) + 36);
  }

  private edges(): SVGElement[] {
    return this.graph.edges.map((edge, index) =>
      svg("path", { class: "edge", d: this.placed?.paths[index] ?? "", "data-kind": edge.kind, "data-from": edge.source, "data-to": edge.target, "marker-end": "url(#arrow)" }, [
        svg("title", {}, [edge.hint || edge.kind]),
      ]),
    );
  }

  private nodes(): SVGElement[] {
    return [...this.graph.nodes.values()].map((node) => this.node(node));
  }

  private node(node: GraphNode): SVGElement {
    const box = this.placed?.boxes.get(node.id) ?? { x: 0, y: 0, width: 120, height: HEIGHT };
    const sub = subOf(node);
    const group = svg("g", {
      class: `node${node.isFocus ? " is-focus" : ""}`,
      transform: `translate(${box.x} ${box.y})`,
      tabindex: "-1",
      role: node.url ? "link" : "img",
      "data-id": node.id,
      "data-kind": node.kind,
      "aria-label": [node.label, sub, node.hint].filter(Boolean).join(", "),
    });
    if (node.hue) group.dataset.hue = String(Number(node.hue) % 12);
    group.append(
      svg("rect", { class: "box", width: box.width, height: box.height, rx: 6 }),
      svg("circle", { class: "band", cx: 14, cy: sub ? 17 : 22, r: 4 }),
      svg("text", { class: "name", x: 25, y: sub ? 21 : 26 }, [shorten(node.label, LONGEST)]),
    );
    if (sub) group.append(svg("text", { class: "sub", x: 25, y: 35 }, [shorten(sub, LONGEST + 6)]));
    if (node.hint) group.append(svg("title", {}, [node.hint]));
    const reads = this.graph.edges.some((edge) => edge.target === node.id);
    const feeds = this.graph.edges.some((edge) => edge.source === node.id);
    if (node.kind !== "restricted" && !node.isFocus && !(reads && feeds)) group.append(this.expander(node, reads ? box.width : 0));
    group.addEventListener("pointerenter", () => this.trace(node.id));
    group.addEventListener("pointerleave", () => this.trace(null));
    group.addEventListener("focus", () => this.focused(node.id));
    group.addEventListener("blur", () => this.trace(null));
    group.addEventListener("click", () => open(node));
    return group;
  }

  private expander(node: GraphNode, width: number): SVGElement {
    const more = svg("g", { class: "expand", transform: `translate(${width} ${HEIGHT / 2})` }, [
      svg("title", {}, [`Show what is connected to ${node.label}`]),
      svg("circle", { class: "more", r: 7 }),
      svg("path", { class: "more-sign", d: "M-3 0H3M0 -3V3" }),
    ]);
    more.addEventListener("click", (event) => {
      event.stopPropagation();
      void this.expand(node.id);
    });
    return more;
  }

  /** Ask the server for the node's own neighbours and draw them too. */
  private async expand(id: string): Promise<void> {
    this.say.hidden = false;
    this.say.textContent = "Looking further…";
    const answer = await fetch(`/lineage?focus=${focusOf(id)}&depth=1`).catch(() => undefined);
    if (!answer?.ok) {
      this.say.textContent = "That could not be expanded now.";
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (merge(this.graph, readGraph(page)) === 0) {
      this.say.textContent = "Nothing more is connected to it.";
      return;
    }
    await this.draw(true);
  }

  private press(event: KeyboardEvent): void {
    const id = (event.target as SVGElement).dataset.id;
    if (event.key === "+" || event.key === "=") this.viewport?.zoom(1 / 1.3);
    else if (event.key === "-") this.viewport?.zoom(1.3);
    else if (event.key === "0") this.viewport?.reset();
    else if (!id) return;
    else if (event.key === "Enter") open(this.graph.nodes.get(id));
    else if (event.key === "x") void this.expand(id);
    else if (!event.key.startsWith("Arrow")) return;
    else this.nodeOf(this.next(id, event.key) ?? id)?.focus();
    event.preventDefault();
    event.stopPropagation();
  }

  /** Left and right follow edges; up and down go to the nearest node of the same column. */
  next(id: string, key: string): string | undefined {
    const boxes = this.placed?.boxes;
    const here = boxes?.get(id);
    if (!boxes || !here) return undefined;
    const near = (ids: string[]): string | undefined =>
      ids.sort((a, b) => Math.abs((boxes.get(a)?.y ?? 0) - here.y) - Math.abs((boxes.get(b)?.y ?? 0) - here.y))[0];
    if (key === "ArrowRight") return near(this.graph.edges.filter((e) => e.source === id).map((e) => e.target));
    if (key === "ArrowLeft") return near(this.graph.edges.filter((e) => e.target === id).map((e) => e.source));
    const down = key === "ArrowDown";
    return near(
      [...boxes].filter(([other, box]) => other !== id && Math.abs(box.x + box.width / 2 - here.x - here.width / 2) < 140 && (down ? box.y > here.y : box.y < here.y)).map(([other]) => other),
    );
  }

  private focused(id: string): void {
    for (const one of this.canvas.querySelectorAll(".node[tabindex='0']")) one.setAttribute("tabindex", "-1");
    this.nodeOf(id)?.setAttribute("tabindex", "0");
    const box = this.placed?.boxes.get(id);
    if (box) this.viewport?.reveal(box);
    this.trace(id);
  }

  private trace(id: string | null): void {
    this.canvas.classList.toggle("is-tracing", id !== null);
    const lit = id === null ? new Set<string>() : pathThrough(this.graph, id);
    for (const node of this.canvas.querySelectorAll<SVGElement>(".node")) node.classList.toggle("is-lit", lit.has(node.dataset.id ?? ""));
    for (const edge of this.canvas.querySelectorAll<SVGElement>(".edge")) {
      edge.classList.toggle("is-lit", lit.has(edge.dataset.from ?? "") && lit.has(edge.dataset.to ?? ""));
    }
  }

  private nodeOf(id: string): SVGElement | undefined {
    return [...this.canvas.querySelectorAll<SVGElement>(".node")].find((one) => one.dataset.id === id);
  }
}

/** The address of a node in the explorer: `p12` is `product:12`. */
function focusOf(id: string): string {
  return id.replace(/^p(?=\d)/, "product:").replace(/^d(?=\d)/, "dataset:");
}

function subOf(node: GraphNode): string {
  return [node.domain, node.kind === "dataset" ? "dataset" : "", node.status && node.status !== "active" ? node.status : ""].filter(Boolean).join(" · ");
}

function open(node: GraphNode | undefined): void {
  if (node?.url) window.location.assign(node.url);
}

function arrowHead(): SVGElement {
  return svg("defs", {}, [
    svg("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" }, [
      svg("path", { class: "arrow", d: "M0 0.5L8 4L0 7.5Z" }),
    ]),
  ]);
}

function legend(graph: Graph): HTMLElement {
  const list = document.createElement("ul");
  list.className = "graph-legend";
  const kinds = new Set(graph.edges.map((edge) => edge.kind));
  const words: [string, string, boolean][] = [["foreign-key", "refers to", true], ["view", "read by a view", false], ["declared", "declared input", false], ["flow", "flow", false]];
  for (const [kind, text, dashed] of words) {
    if (!kinds.has(kind)) continue;
    const item = document.createElement("li");
    item.append(svg("svg", { viewBox: "0 0 22 8", "aria-hidden": "true" }, [svg("line", { x1: 0, y1: 4, x2: 22, y2: 4, class: dashed ? "is-dashed" : "" })]), text);
    list.append(item);
  }
  const help = document.createElement("li");
  help.textContent = "arrows follow edges, + shows more";
  list.append(help);
  return list;
}

if (!customElements.get("lineage-graph")) customElements.define("lineage-graph", LineageGraph);
