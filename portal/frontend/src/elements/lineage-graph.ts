/** `<lineage-graph>`: draws the answer the page carries and grows with questions to the API; the table stays beneath. */
import { byDataset, readJson, type Answer, type Page, type Side } from "../graph/answer";
import { Asker } from "../graph/ask";
import { drawAll, widthOf, type Handle } from "../graph/draw";
import { exportGraph } from "../graph/export";
import { layout, type Placed } from "../graph/layout";
import { Minimap } from "../graph/minimap";
import { addColumns, assemble, keyOf, neighbours, pathThrough, splitKey, withoutShut, type Graph } from "../graph/model";
import { fillWithBox, fillWithLine, make } from "../graph/panel";
import { picture, type Box, type Picture } from "../graph/picture";
import { addRows } from "../graph/rows";
import { asked, readState, toggled, withState, type State } from "../graph/state";
import { svg, tool } from "../graph/svg";
import { legend, searchBox } from "../graph/tools";
import { Viewport } from "../graph/viewport";

/** Beyond this nothing fades: it would stutter. */
const MANY = 150;

export class LineageGraph extends HTMLElement {
  private base!: Answer;
  private page!: Page;
  private asker!: Asker;
  private viewport!: Viewport;
  private minimap!: Minimap;
  private state!: State;
  private server = "";
  private expansions = new Map<string, Answer>();
  private columnAnswers = new Map<string, Answer>();
  private graph: Graph = { nodes: new Map(), edges: new Map() };
  private drawn: Picture = { boxes: new Map(), frames: new Map(), lines: [], said: "" };
  private placed: Placed | undefined;
  private parts = new Map<string, SVGElement>();
  private turn = 0;
  private readonly canvas = svg("svg", { class: "canvas", role: "group" });
  private readonly say = make("p", { class: "graph-say", role: "status" });
  private readonly panel = make("aside", { class: "graph-panel", hidden: "" });
  private readonly back = (): void => this.returned();

  connectedCallback(): void {
    if (this.querySelector(".graph-stage")) return;
    const answer = readJson<Answer>(this, "lineage-answer");
    const page = readJson<Page>(this, "lineage-page");
    if (!answer || !page || !answer.nodes.length) return;
    [this.base, this.page, this.server] = [byDataset(answer), page, asked(location.href)];
    this.asker = new Asker(page, answer.level);
    this.state = readState(location.search);
    this.canvas.setAttribute("aria-label", `${this.dataset.label ?? "Graph"}: arrows follow edges, Enter opens, e expands, c shows columns`);
    const box = this.querySelector<HTMLElement>("[data-stage]") ?? this;
    box.prepend(this.stage());
    this.viewport = new Viewport(this.canvas);
    this.minimap = new Minimap(this.viewport);
    this.canvas.parentElement?.append(this.minimap.element);
    const table = this.querySelector<HTMLDetailsElement>(".graph-table");
    if (table && this.base.edges.length > 60) table.open = false;
    window.addEventListener("popstate", this.back);
    void document.fonts.ready.then(() => this.show(true));
  }

  disconnectedCallback(): void {
    window.removeEventListener("popstate", this.back);
  }

  private stage(): HTMLElement {
    const tools = make(
      "div",
      { class: "graph-tools" },
      searchBox((text) => this.find(text), () => this.nextFound()),
      tool("Zoom in (+)", "zoom-in", () => this.viewport.zoom(1 / 1.3)),
      tool("Zoom out (-)", "zoom-out", () => this.viewport.zoom(1.3)),
      tool("Show all (0)", "maximize", () => this.viewport.reset()),
      this.saver(),
    );
    this.say.textContent = "Arranging…";
    const stage = make("div", { class: "graph-stage no-print" }, this.canvas, this.say, tools, legend(this.base), this.panel);
    stage.addEventListener("keydown", (event) => this.press(event));
    this.canvas.addEventListener("click", (event) => this.clicked(event.target as Element));
    this.canvas.addEventListener("dblclick", (event) => {
      const id = (event.target as Element).closest<SVGElement>(".node")?.dataset.id;
      if (id) this.open(id);
    });
    this.canvas.addEventListener("pointerover", (event) => this.trace((event.target as Element).closest<SVGElement>(".node, .link")));
    this.canvas.addEventListener("pointerleave", () => this.trace(null));
    this.canvas.addEventListener("focusin", (event) => this.focused(event.target as SVGElement));
    this.canvas.addEventListener("focusout", () => this.trace(null));
    return stage;
  }

  private saver(): HTMLElement {
    const list = make("div", { class: "menu-list" });
    const menu = make("details", { class: "menu menu-end" }, make("summary", { class: "btn btn-s", "aria-label": "Save as a picture" }, "Save"), list);
    for (const kind of ["svg", "png"] as const) {
      const button = make("button", { type: "button" }, kind === "svg" ? "Drawing (SVG)" : "Picture (PNG)");
      button.addEventListener("click", () => {
        menu.open = false;
        if (this.placed) exportGraph(this.canvas, this.placed, kind, this.dataset.file ?? "lineage").catch(() => this.tell("The picture could not be made."));
      });
      list.append(button);
    }
    return menu;
  }

  /** Fetch what the state asks for, put it together, arrange and draw it. */
  private async show(fit: boolean, keep = ""): Promise<void> {
    const turn = ++this.turn;
    try {
      await this.fetchExpansions();
      this.graph = assemble(this.base, this.expansions, this.state.more);
      await this.fetchColumns();
    } catch {
      this.tell("That could not be fetched now; try again.");
    }
    if (turn !== this.turn) return;
    const graph = withoutShut(this.graph, this.state.shut);
    const all = this.base.level === "column" ? [...graph.nodes.keys()] : this.state.columns;
    const drawn = picture(graph, { fold: new Set(this.state.fold), unfold: new Set(this.state.unfold), columns: new Set(all) });
    try {
      const placed = await layout(drawn, widthOf);
      if (turn !== this.turn) return;
      const before = keep ? this.placed?.boxes.get(keep) : undefined;
      [this.drawn, this.placed] = [drawn, placed];
      this.paint(fit);
      const after = keep ? placed.boxes.get(keep) : undefined;
      if (before && after) this.viewport.shift(after.x - before.x, after.y - before.y);
    } catch (error) {
      this.tell("The graph could not be arranged; the table below has all of it.");
      console.error(error);
    }
  }

  private async fetchExpansions(): Promise<void> {
    for (const key of this.state.more) {
      if (this.expansions.has(key)) continue;
      const node = assemble(this.base, this.expansions, this.state.more).nodes.get(splitKey(key)[0]);
      if (node) this.expansions.set(key, await this.asker.beside(key, node));
    }
  }

  private async fetchColumns(): Promise<void> {
    if (this.base.level !== "dataset") return;
    const wanted = this.state.columns.filter((id) => this.graph.nodes.get(id)?.kind === "dataset");
    const missing = wanted.filter((id) => !this.columnAnswers.has(id));
    await Promise.all(missing.map(async (id) => this.columnAnswers.set(id, await this.asker.columns(id))));
    for (const id of wanted) addColumns(this.graph, id, this.columnAnswers.get(id)!);
  }

  private paint(fit: boolean): void {
    const { placed, drawn } = this;
    if (!placed) return;
    const had = (document.activeElement as HTMLElement | null)?.dataset.id;
    this.canvas.replaceChildren(...drawAll(drawn, placed, (box) => this.handles(box)));
    this.canvas.classList.toggle("is-large", drawn.boxes.size > MANY);
    this.parts = new Map([...this.canvas.querySelectorAll<SVGElement>(".node, .link")].map((one) => [one.dataset.id ?? "", one]));
    const focus = [...drawn.boxes.values()].find((box) => box.node.isFocus) ?? drawn.boxes.values().next().value;
    if (focus) this.parts.get(focus.id)?.setAttribute("tabindex", "0");
    this.tell(drawn.said);
    const stage = this.canvas.parentElement;
    if (stage && fit) {
      stage.style.height = `${Math.round(Math.min(Math.max(placed.height + 120, 260), window.innerHeight * 0.68))}px`;
      this.viewport.fit(placed.width, placed.height, 36);
      const place = focus && placed.boxes.get(focus.id);
      if (place && this.viewport.unit > 1.8) this.viewport.lookAt(place, 1.1);
    } else this.viewport.enlarge(placed.width, placed.height);
    this.minimap.draw(drawn, placed);
    this.fillPanel(false);
    const body = this.querySelector<HTMLTableSectionElement>("[data-flows] tbody");
    if (body) addRows(body, this.graph, new Set(this.base.edges.map((edge) => edge.id)));
    if (had && this.drawn.boxes.has(had)) this.parts.get(had)?.focus();
    this.dataset.drawn = String(drawn.boxes.size);
  }

  private handles(box: Box): Handle[] {
    const { node } = box;
    if (node.kind === "restricted" || box.count > 1) return [];
    const found: Handle[] = [];
    for (const side of ["up", "down"] as const) {
      const key = keyOf(box.id, side);
      const left = side === "up" ? node.more.upstream : node.more.downstream;
      const all = neighbours(this.graph, box.id, side);
      const hidden = this.state.shut.includes(key) ? all.filter((id) => !this.drawn.boxes.has(id)).length || all.length : 0;
      if (left || hidden) found.push({ side, more: left + hidden, atLeast: node.more.atLeast });
      else if (all.length && (side === "up" ? node.level <= 0 : node.level >= 0)) found.push({ side, more: 0, atLeast: false });
    }
    return found;
  }

  private tell(text: string): void {
    this.say.textContent = text;
    this.say.hidden = !text;
  }

  // What a person does

  private change(state: Partial<State>, keep = ""): void {
    this.state = { ...this.state, ...state };
    history.pushState({ lineage: true }, "", withState(location.href, this.state));
    this.link();
    if (Object.keys(state).some((name) => name !== "sel")) void this.show(false, keep);
    else this.fillPanel(true);
  }

  /** The links of the toolbar keep what was opened. */
  private link(): void {
    this.dispatchEvent(new CustomEvent("lineage-state", { bubbles: true }));
  }

  private returned(): void {
    if (asked(location.href) !== this.server) return location.reload();
    const before = this.state;
    this.state = readState(location.search);
    const isSame = (["more", "shut", "fold", "unfold", "columns"] as const).every((name) => before[name].join() === this.state[name].join());
    if (isSame) this.fillPanel(false);
    else void this.show(false);
  }

  private clicked(target: Element): void {
    const handle = target.closest<SVGElement>(".expand");
    const node = target.closest<SVGElement>(".node")?.dataset.id;
    const fold = target.closest<SVGElement>(".fold")?.dataset.fold;
    const line = target.closest<SVGElement>(".link")?.dataset.id;
    if (handle && node) this.toggle(node, handle.dataset.side === "up" ? "up" : "down");
    else if (fold) this.change({ fold: toggled(this.state.fold, fold, true), unfold: toggled(this.state.unfold, fold, false) });
    else this.change({ sel: node ?? line ?? "" });
  }

  /** Expand a side, or shut it where nothing is left to show. */
  private toggle(id: string, side: Side): void {
    const box = this.drawn.boxes.get(id);
    const handle = box && this.handles(box).find((one) => one.side === side);
    if (!box || !handle) return this.tell("Nothing more is connected to it.");
    const key = keyOf(id, side);
    if (handle.more && this.state.shut.includes(key)) return this.change({ shut: toggled(this.state.shut, key, false) }, id);
    if (handle.more) {
      this.tell("Looking further…");
      return this.change({ more: toggled(this.state.more, key, true) }, id);
    }
    if (this.state.more.includes(key)) return this.change({ more: toggled(this.state.more, key, false) }, id);
    this.change({ shut: toggled(this.state.shut, key, true) }, id);
  }

  private columns(id: string): void {
    if (this.drawn.boxes.get(id)?.node.kind !== "dataset" || this.base.level === "column") return;
    this.change({ columns: toggled(this.state.columns, id) }, id);
  }

  private unfold(id: string): void {
    this.change({ fold: toggled(this.state.fold, id, false), unfold: toggled(this.state.unfold, id, true), sel: "" });
  }

  private open(id: string): void {
    const box = this.drawn.boxes.get(id);
    if (box && box.count > 1) this.unfold(id);
    else if (box?.node.url) window.location.assign(box.node.url);
  }

  private fillPanel(takeFocus: boolean): void {
    const { sel } = this.state;
    const box = this.drawn.boxes.get(sel);
    const line = this.drawn.lines.find((one) => one.id === sel);
    for (const one of this.canvas.querySelectorAll(".is-selected")) one.classList.remove("is-selected");
    this.panel.hidden = !box && !line;
    this.classList.toggle("has-panel", !this.panel.hidden);
    if (this.panel.hidden) return;
    this.parts.get(sel)?.classList.add("is-selected");
    const acts = {
      close: (): void => { this.change({ sel: "" }); this.parts.get(sel)?.focus(); },
      choose: (id: string): void => this.change({ sel: id }),
      columns: (id: string): void => this.columns(id),
      unfold: (id: string): void => this.unfold(id),
    };
    if (box) fillWithBox(this.panel, box, this.drawn, this.page, acts, this.state.columns.includes(sel));
    else if (line) fillWithLine(this.panel, line, this.drawn, this.page, acts);
    const place = this.placed?.boxes.get(sel);
    if (takeFocus && place) this.viewport.reveal(place, this.panel.offsetWidth);
  }

  // Finding and following

  private found: string[] = [];

  private find(text: string): number {
    const word = text.trim().toLowerCase();
    const matches = (box: Box): boolean => box.node.name.toLowerCase().includes(word) || box.columns.some((one) => one.path.toLowerCase().includes(word));
    this.found = word ? [...this.drawn.boxes.values()].filter(matches).map((box) => box.id) : [];
    const set = new Set(this.found);
    this.canvas.classList.toggle("is-finding", word !== "");
    for (const [id, part] of this.parts) part.classList.toggle("is-found", set.has(id));
    return this.found.length;
  }

  private nextFound(): void {
    const id = this.found.shift();
    if (!id) return;
    this.found.push(id);
    const place = this.placed?.boxes.get(id);
    if (place) this.viewport.lookAt(place);
  }

  private press(event: KeyboardEvent): void {
    const target = event.target as HTMLElement | SVGElement;
    if (event.key === "Escape" && this.state.sel) {
      const { sel } = this.state;
      this.change({ sel: "" });
      this.parts.get(sel)?.focus();
      return this.taken(event);
    }
    if (target instanceof HTMLElement || event.ctrlKey || event.metaKey || event.altKey) return;
    const id = target.dataset.id;
    if (event.key === "+" || event.key === "=") this.viewport.zoom(1 / 1.3);
    else if (event.key === "-") this.viewport.zoom(1.3);
    else if (event.key === "0") this.viewport.reset();
    else if (!id) return;
    else if (event.key === "Enter") this.open(id);
    else if (event.key === " ") this.change({ sel: id });
    else if (event.key === "e") this.expandBoth(id);
    else if (event.key === "c") this.columns(id);
    else if (!event.key.startsWith("Arrow")) return;
    else this.parts.get(this.next(id, event.key) ?? id)?.focus();
    this.taken(event);
  }

  private taken(event: Event): void {
    event.preventDefault();
    event.stopPropagation();
  }

  /** Expand whatever side has more; shut again when nothing has. */
  private expandBoth(id: string): void {
    const box = this.drawn.boxes.get(id);
    if (box && box.count > 1) return this.unfold(id);
    const all = box ? this.handles(box) : [];
    const open = all.filter((handle) => handle.more).map((handle) => keyOf(id, handle.side));
    if (!open.length) return void (all[0] ? this.toggle(id, all[0].side) : this.tell("Nothing more is connected to it."));
    this.tell("Looking further…");
    this.change({ more: [...new Set([...this.state.more, ...open.filter((key) => !this.state.shut.includes(key))])], shut: this.state.shut.filter((key) => !open.includes(key)) }, id);
  }

  /** Left and right follow edges; up and down go to the nearest box of the same layer. */
  private next(id: string, key: string): string | undefined {
    const boxes = this.placed?.boxes;
    const here = boxes?.get(id);
    if (!boxes || !here) return undefined;
    const far = (other: string): number => Math.abs((boxes.get(other)?.y ?? 0) - here.y);
    const near = (ids: string[]): string | undefined => ids.filter((one) => one !== id).sort((a, b) => far(a) - far(b))[0];
    if (key === "ArrowRight") return near(this.drawn.lines.filter((one) => one.source === id).map((one) => one.target));
    if (key === "ArrowLeft") return near(this.drawn.lines.filter((one) => one.target === id).map((one) => one.source));
    const isBeyond = (y: number): boolean => (key === "ArrowDown" ? y > here.y : y < here.y);
    const middle = here.x + here.width / 2;
    return near([...boxes].filter(([, box]) => Math.abs(box.x + box.width / 2 - middle) < 150 && isBeyond(box.y)).map(([other]) => other));
  }

  private focused(target: SVGElement): void {
    const id = target.dataset.id;
    const place = id ? this.placed?.boxes.get(id) : undefined;
    if (!place) return;
    for (const one of this.canvas.querySelectorAll(".node[tabindex='0']")) one.setAttribute("tabindex", "-1");
    target.setAttribute("tabindex", "0");
    this.viewport.reveal(place, this.panel.hidden ? 0 : this.panel.offsetWidth);
    this.trace(target);
  }

  private traced = "";

  /** Light the whole path through a box or a line, before and after. */
  private trace(part: SVGElement | null): void {
    const id = part?.dataset.id ?? "";
    if (id === this.traced) return;
    this.traced = id;
    this.canvas.classList.toggle("is-tracing", id !== "");
    if (!id) return;
    const flows = this.drawn.lines.filter((line) => !line.isRelation);
    const line = this.drawn.lines.find((one) => one.id === id);
    const lit = line ? new Set([line.source, line.target]) : pathThrough(flows, id);
    for (const box of this.drawn.boxes.keys()) this.parts.get(box)?.classList.toggle("is-lit", lit.has(box));
    for (const one of this.drawn.lines) this.parts.get(one.id)?.classList.toggle("is-lit", line ? one === line : lit.has(one.source) && lit.has(one.target) && !one.isRelation);
  }
}

if (!customElements.get("lineage-graph")) customElements.define("lineage-graph", LineageGraph);
