/** Tools on the stage: what the lines mean, a field to find a box, zoom, and saving as a picture. */
import type { Answer } from "./answer";
import type { GraphCanvas } from "./canvas";
import { make } from "./panel";
import { svg, tool } from "./svg";

type Save = (kind: "svg" | "png") => Promise<void>;

/** The tools at the right, and the legend. */
export function stageTools(canvas: GraphCanvas, answer: Answer, save: Save): HTMLElement[] {
  const tools = make(
    "div",
    { class: "graph-tools" },
    searchBox(
      (text) => canvas.find(text),
      () => canvas.showNextFound(),
    ),
    tool("Zoom in (+)", "zoom-in", () => canvas.viewport.zoom(1 / 1.3)),
    tool("Zoom out (-)", "zoom-out", () => canvas.viewport.zoom(1.3)),
    tool("Show all (0)", "maximize", () => canvas.viewport.reset()),
    saveMenu(save),
  );
  return [tools, legend(answer)];
}

function saveMenu(save: Save): HTMLElement {
  const list = make("div", { class: "menu-list" });
  const summary = make("summary", { class: "btn btn-s", "aria-label": "Save as a picture" }, "Save");
  const menu = make("details", { class: "menu menu-end" }, summary, list);
  for (const kind of ["svg", "png"] as const) {
    const button = make("button", { type: "button" }, kind === "svg" ? "Drawing (SVG)" : "Picture (PNG)");
    button.addEventListener("click", () => {
      menu.open = false;
      void save(kind);
    });
    list.append(button);
  }
  return menu;
}

export function legend(answer: Answer): HTMLElement {
  const list = make("ul", { class: "graph-legend only-wide" });
  const kinds = new Set(answer.edges.map((edge) => edge.kind));
  const put = (text: string, mark: string): void => {
    const line = svg("line", { x1: 0, y1: 4, x2: 22, y2: 4, "data-mark": mark });
    list.append(make("li", {}, svg("svg", { viewBox: "0 0 22 8", "aria-hidden": "true" }, [line]), text));
  };
  put("flow", "flow");
  if (kinds.has("foreign-key")) put("refers to", "relation");
  if (answer.edges.some((edge) => edge.change === "added")) put("added", "added");
  if (answer.edges.some((edge) => edge.change === "removed")) put("removed", "removed");
  list.append(make("li", {}, "arrows follow edges, e expands, c columns"));
  return list;
}

/** `look` answers how many there are; Enter goes from one to the next. */
export function searchBox(look: (text: string) => number, next: () => void): HTMLElement {
  const input = make("input", {
    class: "input input-s",
    type: "search",
    placeholder: "Find in the graph",
    "aria-label": "Find in the graph",
  });
  const count = make("span", { class: "tiny faint nums", role: "status" });
  input.addEventListener("input", () => {
    const found = look(input.value);
    count.textContent = input.value.trim() ? `${found} found` : "";
    if (found) next();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      next();
    }
  });
  return make("div", { class: "graph-find row" }, count, input);
}
