/** A small picture of the whole graph, with the part in view; a click or drag moves there. */
import type { Placed } from "./layout";
import type { Picture } from "./picture";
import { svg } from "./svg";
import type { Viewport } from "./viewport";

const [WIDTH, HEIGHT] = [168, 104];

export class Minimap {
  readonly element = svg("svg", {
    class: "minimap only-wide",
    width: WIDTH,
    height: HEIGHT,
    "aria-hidden": "true",
  });
  private readonly seen = svg("rect", { class: "minimap-view" });

  constructor(private readonly viewport: Viewport) {
    viewport.onChange = () => this.follow();
    const go = (event: PointerEvent): void => {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.element.getScreenCTM()?.inverse());
      viewport.center(point.x, point.y);
    };
    this.element.addEventListener("pointerdown", (event) => {
      this.element.setPointerCapture(event.pointerId);
      go(event);
    });
    this.element.addEventListener("pointermove", (event) => {
      if (event.buttons) go(event);
    });
  }

  draw(drawn: Picture, placed: Placed): void {
    const pad = Math.max(placed.width, placed.height) * 0.04;
    this.element.setAttribute("viewBox", `${-pad} ${-pad} ${placed.width + 2 * pad} ${placed.height + 2 * pad}`);
    const marks = [...drawn.boxes.values()].map((box) => {
      const at = placed.boxes.get(box.id) ?? { x: 0, y: 0, width: 0, height: 0 };
      const mark = svg("rect", {
        class: `minimap-node${box.node.isFocus ? " is-focus" : ""}`,
        x: at.x,
        y: at.y,
        width: at.width,
        height: at.height,
      });
      if (box.node.domain) mark.dataset.hue = String(box.node.domain.hue % 12);
      return mark;
    });
    this.element.replaceChildren(...marks, this.seen);
    this.element.toggleAttribute("hidden", drawn.boxes.size < 12);
    this.follow();
  }

  private follow(): void {
    const { x, y, width, height } = this.viewport.now;
    for (const [name, value] of Object.entries({ x, y, width, height })) this.seen.setAttribute(name, String(value));
  }
}
