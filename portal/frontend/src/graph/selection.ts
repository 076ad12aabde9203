/** The panel: opens beside the graph for the selected box or line. */
import type { Page } from "./answer";
import type { GraphCanvas } from "./canvas";
import { type Acts, fillWithBox, fillWithLine, make } from "./panel";

export class SelectionPanel {
  readonly element = make("aside", { class: "graph-panel", hidden: "" });

  constructor(
    private readonly host: HTMLElement,
    private readonly canvas: GraphCanvas,
    private readonly page: Page,
  ) {}

  /** How much of the stage it covers. */
  get width(): number {
    return this.element.hidden ? 0 : this.element.offsetWidth;
  }

  /** Show what an id is, or nothing when it is not drawn; `bringIntoView` moves the drawing beside it. */
  show(id: string, acts: Acts, hasColumns: boolean, bringIntoView: boolean): void {
    const { drawn } = this.canvas;
    const box = drawn.boxes.get(id);
    const line = drawn.lines.find((one) => one.id === id);
    this.canvas.select(box || line ? id : "");
    this.element.hidden = !box && !line;
    this.host.classList.toggle("has-panel", !this.element.hidden);
    if (box) fillWithBox(this.element, box, drawn, this.page, acts, hasColumns);
    else if (line) fillWithLine(this.element, line, drawn, this.page, acts);
    if (bringIntoView && !this.element.hidden) this.canvas.reveal(id, this.width);
  }
}
