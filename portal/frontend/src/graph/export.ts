/** The graph as a file: SVG with its colours written into it, or PNG of twice the size. */
import type { Placed } from "./layout";

const KEPT = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
];
const PAD = 24;

/** Return the canvas as a document of its own. */
export function asSvg(canvas: SVGSVGElement, placed: Placed): string {
  const copy = canvas.cloneNode(true) as SVGSVGElement;
  const [from, to] = [canvas.querySelectorAll<SVGElement>("*"), copy.querySelectorAll<SVGElement>("*")];
  from.forEach((element, at) => {
    const target = to[at];
    if (!target || !["rect", "path", "text", "circle", "line"].includes(element.tagName)) return;
    const style = getComputedStyle(element);
    for (const name of KEPT) {
      const value = style.getPropertyValue(name);
      if (value && value !== "normal") target.setAttribute(name, plain(value));
    }
  });
  for (const extra of copy.querySelectorAll(".expand, .fold, .link-hit, .column-hit")) extra.remove();
  for (const element of [copy, ...copy.querySelectorAll("*")])
    for (const name of ["tabindex", "role", "class", "style", "aria-label"]) element.removeAttribute(name);
  const [width, height] = [placed.width + 2 * PAD, placed.height + 2 * PAD];
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("viewBox", `${-PAD} ${-PAD} ${width} ${height}`);
  copy.setAttribute("width", String(Math.round(width)));
  copy.setAttribute("height", String(Math.round(height)));
  const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of Object.entries({
    x: -PAD,
    y: -PAD,
    width,
    height,
    fill: plain(getComputedStyle(canvas.parentElement ?? canvas).backgroundColor),
  }))
    paper.setAttribute(name, String(value));
  copy.prepend(paper);
  return new XMLSerializer().serializeToString(copy);
}

let probe: CanvasRenderingContext2D | null | undefined;

/** Write a colour of any space as #rrggbb: drawing programs know no oklch. */
function plain(value: string): string {
  if (!/^(oklch|oklab|color|lab|lch|rgb)/.test(value)) return value;
  if (/\/\s*0\)|,\s*0\)$/.test(value)) return "none";
  probe ??= Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", {
    willReadFrequently: true,
  });
  if (!probe) return value;
  probe.clearRect(0, 0, 1, 1);
  probe.fillStyle = value;
  probe.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0] = probe.getImageData(0, 0, 1, 1).data;
  return `#${[r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** Draw the document on a canvas, at most 8,000 pixels wide or high. */
export async function asPng(text: string, width: number, height: number): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const scale = Math.min(2, 8000 / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, fail) =>
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/png"),
  );
}

export function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export async function exportGraph(
  canvas: SVGSVGElement,
  placed: Placed,
  kind: "svg" | "png",
  name: string,
): Promise<void> {
  const text = asSvg(canvas, placed);
  if (kind === "svg") return save(new Blob([text], { type: "image/svg+xml" }), `${name}.svg`);
  save(await asPng(text, placed.width + 2 * PAD, placed.height + 2 * PAD), `${name}.png`);
}
