/** `<lineage-graph>`: draws the answer the page carries and grows with questions to the API; the table stays beneath. */
import { type Answer, byDataset, type Page, readJson, type Side } from "../graph/answer";
import { Asker } from "../graph/ask";
import { GraphCanvas } from "../graph/canvas";
import type { Handle } from "../graph/draw";
import { handlesOf } from "../graph/handles";
import { neighbourAt, press } from "../graph/keyboard";
import { GraphLoader } from "../graph/loader";
import { keyOf, withoutShut } from "../graph/model";
import { type Acts, make } from "../graph/panel";
import { type Box, type Picture, picture } from "../graph/picture";
import { addRows } from "../graph/rows";
import { SelectionPanel } from "../graph/selection";
import { asked, readState, type State, toggled, withState } from "../graph/state";
import { stageTools } from "../graph/tools";

const HINT = "arrows follow edges, Enter opens, e expands, c shows columns";
/** A table with more flows than this is folded below the drawing. */
const FOLDED_BEYOND = 60;
const ZOOM = 1.3;

export class LineageGraph extends HTMLElement {
  private base!: Answer;
  private canvas!: GraphCanvas;
  private loader!: GraphLoader;
  private panel!: SelectionPanel;
  private state!: State;
  private server = "";
  private turn = 0;
  private readonly say = make("p", { class: "graph-say", role: "status" });
  private readonly back = (): void => this.returned();

  connectedCallback(): void {
    if (this.querySelector(".graph-stage")) return;
    const answer = readJson<Answer>(this, "lineage-answer");
    const page = readJson<Page>(this, "lineage-page");
    if (!answer || !page || !answer.nodes.length) return;
    [this.base, this.server, this.state] = [byDataset(answer), asked(location.href), readState(location.search)];
    this.loader = new GraphLoader(this.base, new Asker(page, answer.level));
    this.canvas = new GraphCanvas(`${this.dataset.label ?? "Graph"}: ${HINT}`);
    this.panel = new SelectionPanel(this, this.canvas, page);
    (this.querySelector<HTMLElement>("[data-stage]") ?? this).prepend(this.stage());
    this.canvas.attachMinimap();
    const table = this.querySelector<HTMLDetailsElement>(".graph-table");
    if (table && this.base.edges.length > FOLDED_BEYOND) table.open = false;
    window.addEventListener("popstate", this.back);
    void document.fonts.ready.then(() => this.show(true));
  }

  disconnectedCallback(): void {
    window.removeEventListener("popstate", this.back);
  }

  private stage(): HTMLElement {
    const { canvas } = this;
    const save = (kind: "svg" | "png"): Promise<void> =>
      canvas.save(kind, this.dataset.file ?? "lineage").catch(() => this.tell("The picture could not be made."));
    const parts = stageTools(canvas, this.base, save);
    this.say.textContent = "Arranging…";
    const stage = make(
      "div",
      { class: "graph-stage no-print" },
      canvas.element,
      this.say,
      ...parts,
      this.panel.element,
    );
    stage.addEventListener("keydown", (event) => this.pressed(event));
    canvas.element.addEventListener("click", (event) => this.clicked(event.target as Element));
    canvas.element.addEventListener("dblclick", (event) => {
      const id = (event.target as Element).closest<SVGElement>(".node")?.dataset.id;
      if (id) this.open(id);
    });
    canvas.element.addEventListener("focusin", (event) => canvas.focused(event.target as SVGElement, this.panel.width));
    return stage;
  }

  /** Fetch what the state asks for, put it together, arrange and draw it; `keep` stays where it is on the screen. */
  private async show(fit: boolean, keep = ""): Promise<void> {
    const turn = ++this.turn;
    const isWanted = (): boolean => turn === this.turn;
    try {
      await this.loader.load(this.state);
    } catch {
      this.tell("That could not be fetched now; try again.");
    }
    if (!isWanted()) return;
    const before = this.canvas.placed?.boxes.get(keep);
    try {
      if (!(await this.canvas.arrange(this.wanted(), isWanted))) return;
      this.paint(fit);
      const after = this.canvas.placed?.boxes.get(keep);
      if (before && after) this.canvas.viewport.shift(after.x - before.x, after.y - before.y);
    } catch (error) {
      this.tell("The graph could not be arranged; the table below has all of it.");
      console.error(error);
    }
  }

  private wanted(): Picture {
    const { fold, unfold, shut, columns } = this.state;
    const graph = withoutShut(this.loader.graph, shut);
    const open = this.base.level === "column" ? [...graph.nodes.keys()] : columns;
    return picture(graph, { fold: new Set(fold), unfold: new Set(unfold), columns: new Set(open) });
  }

  private paint(fit: boolean): void {
    const { drawn } = this.canvas;
    const had = (document.activeElement as HTMLElement | null)?.dataset.id;
    this.canvas.paint((box) => this.handles(box), fit);
    this.tell(drawn.said);
    this.showSelected(false);
    const body = this.querySelector<HTMLTableSectionElement>("[data-flows] tbody");
    if (body) addRows(body, this.loader.graph, new Set(this.base.edges.map((edge) => edge.id)));
    if (had && drawn.boxes.has(had)) this.canvas.focus(had);
    this.dataset.drawn = String(drawn.boxes.size);
  }

  private handles(box: Box): Handle[] {
    return handlesOf(box, this.loader.graph, this.canvas.drawn, this.state.shut);
  }

  private tell(text: string): void {
    this.say.textContent = text;
    this.say.hidden = !text;
  }

  private showSelected(bringIntoView: boolean): void {
    const { sel, columns } = this.state;
    const acts: Acts = {
      close: () => this.close(),
      choose: (id) => this.change({ sel: id }),
      columns: (id) => this.toggleColumns(id),
      unfold: (id) => this.unfold(id),
    };
    this.panel.show(sel, acts, columns.includes(sel), bringIntoView);
  }

  // What a person does

  private change(state: Partial<State>, keep = ""): void {
    this.state = { ...this.state, ...state };
    history.pushState({ lineage: true }, "", withState(location.href, this.state));
    // The links of the toolbar keep what was opened.
    this.dispatchEvent(new CustomEvent("lineage-state", { bubbles: true }));
    if (Object.keys(state).some((name) => name !== "sel")) void this.show(false, keep);
    else this.showSelected(true);
  }

  private returned(): void {
    if (asked(location.href) !== this.server) {
      location.reload();
      return;
    }
    const before = this.state;
    this.state = readState(location.search);
    const kept = (["more", "shut", "fold", "unfold", "columns"] as const).every(
      (name) => before[name].join() === this.state[name].join(),
    );
    if (kept) this.showSelected(false);
    else void this.show(false);
  }

  private clicked(target: Element): void {
    const handle = target.closest<SVGElement>(".expand");
    const node = target.closest<SVGElement>(".node")?.dataset.id;
    const fold = target.closest<SVGElement>(".fold")?.dataset.fold;
    const line = target.closest<SVGElement>(".link")?.dataset.id;
    if (handle && node) this.toggle(node, handle.dataset.side === "up" ? "up" : "down");
    else if (fold)
      this.change({ fold: toggled(this.state.fold, fold, true), unfold: toggled(this.state.unfold, fold, false) });
    else this.change({ sel: node ?? line ?? "" });
  }

  private pressed(event: KeyboardEvent): void {
    const { canvas } = this;
    press(event, {
      close: () => this.close(),
      zoomIn: () => canvas.viewport.zoom(1 / ZOOM),
      zoomOut: () => canvas.viewport.zoom(ZOOM),
      showAll: () => canvas.viewport.reset(),
      open: (id) => this.open(id),
      select: (id) => this.change({ sel: id }),
      expand: (id) => this.expandBoth(id),
      columns: (id) => this.toggleColumns(id),
      walk: (id, key) => canvas.focus(neighbourAt(id, key, canvas.drawn.lines, canvas.placed) ?? id),
    });
  }

  private close(): boolean {
    const { sel } = this.state;
    if (!sel) return false;
    this.change({ sel: "" });
    this.canvas.focus(sel);
    return true;
  }

  /** Expand a side, or shut it where nothing is left to show. */
  private toggle(id: string, side: Side): void {
    const box = this.canvas.drawn.boxes.get(id);
    const handle = box && this.handles(box).find((one) => one.side === side);
    const key = keyOf(id, side);
    const { more, shut } = this.state;
    if (!handle) this.tell("Nothing more is connected to it.");
    else if (handle.more && shut.includes(key)) this.change({ shut: toggled(shut, key, false) }, id);
    else if (handle.more) {
      this.tell("Looking further…");
      this.change({ more: toggled(more, key, true) }, id);
    } else if (more.includes(key)) this.change({ more: toggled(more, key, false) }, id);
    else this.change({ shut: toggled(shut, key, true) }, id);
  }

  /** Expand whatever side has more; shut again when nothing has. */
  private expandBoth(id: string): void {
    const box = this.canvas.drawn.boxes.get(id);
    if (box && box.count > 1) return void this.unfold(id);
    const all = box ? this.handles(box) : [];
    const open = all.filter((handle) => handle.more).map((handle) => keyOf(id, handle.side));
    if (!open.length) return void this.toggle(id, all[0]?.side ?? "down");
    const { more, shut } = this.state;
    this.tell("Looking further…");
    const next = new Set([...more, ...open.filter((key) => !shut.includes(key))]);
    this.change({ more: [...next], shut: shut.filter((key) => !open.includes(key)) }, id);
  }

  private toggleColumns(id: string): void {
    if (this.canvas.drawn.boxes.get(id)?.node.kind !== "dataset" || this.base.level === "column") return;
    this.change({ columns: toggled(this.state.columns, id) }, id);
  }

  private unfold(id: string): void {
    this.change({
      fold: toggled(this.state.fold, id, false),
      unfold: toggled(this.state.unfold, id, true),
      sel: "",
    });
  }

  private open(id: string): void {
    const box = this.canvas.drawn.boxes.get(id);
    if (box && box.count > 1) this.unfold(id);
    else if (box?.node.url) window.location.assign(box.node.url);
  }
}

if (!customElements.get("lineage-graph")) customElements.define("lineage-graph", LineageGraph);
