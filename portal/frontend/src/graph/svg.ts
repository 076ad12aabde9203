/** Small helpers to build SVG. */
const NS = "http://www.w3.org/2000/svg";

export function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Record<string, string | number> = {},
  children: (Node | string)[] = [],
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

let ruler: CanvasRenderingContext2D | null | undefined;

/** Measure a text in the page's own font. */
export function textWidth(text: string, font: string): number {
  ruler ??= document.createElement("canvas").getContext("2d");
  if (!ruler) return text.length * 7;
  ruler.font = font;
  return ruler.measureText(text).width;
}

/** Shorten a text to at most so many characters. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** A tool button over a graph. */
export function tool(label: string, icon: string, act: () => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-icon btn-s";
  button.setAttribute("aria-label", label);
  button.title = label;
  const mark = svg("svg", { class: "icon", "aria-hidden": "true" }, [svg("use", { href: `${spriteUrl()}#${icon}` })]);
  button.append(mark);
  button.addEventListener("click", act);
  return button;
}

function spriteUrl(): string {
  const known = document.querySelector("use")?.getAttribute("href") ?? "/static/sprite.svg";
  return known.split("#")[0] ?? known;
}
