/** Boxes, frames and lines as SVG. */
import type { Side } from "./answer";
import { HEAD, heightOf, type Box as Place, type Placed, ROW } from "./layout";
import type { Box, Frame, Line, Picture } from "./picture";
import { shorten, svg, textWidth } from "./svg";

const LONGEST = 34;
const STATUS: Record<string, string> = {
  failing: "fails",
  stale: "stale",
  gone: "gone",
  deprecated: "deprecated",
};
const TONE: Record<string, string> = { failing: "bad", stale: "warn", gone: "bad", deprecated: "warn" };
export const WORDS: Record<string, string> = {
  view: "read by a view",
  "foreign-key": "refers to",
  declared: "declared input",
  job: "moved by a job",
  sql: "read from a statement",
  dbt: "dbt model",
  manual: "drawn by an owner",
  restricted: "restricted",
};

/** What a box can do at its sides: how many more there are, or that it can be shut. */
export interface Handle {
  side: Side;
  more: number;
  atLeast: boolean;
}

export function subOf(box: Box): string {
  const { node } = box;
  if (node.kind === "restricted") return "";
  if (box.count > 1) return `${box.count} datasets`;
  const parts = [
    box.frame ? "" : node.product && node.kind === "dataset" ? node.product.name : node.domain?.name,
    node.type,
  ];
  return parts.filter(Boolean).join(" · ");
}

export function widthOf(box: Box): number {
  const status = STATUS[box.node.status];
  const name =
    textWidth(shorten(box.node.name, LONGEST), "500 13px 'Inter Variable'") +
    (status ? textWidth(status, "500 11px 'Inter Variable'") + 14 : 0);
  const sub = textWidth(shorten(subOf(box), LONGEST + 6), "400 11px 'Inter Variable'");
  const rows = box.columns.map(
    (one) =>
      textWidth(shorten(one.path, 30), "400 11.5px 'JetBrains Mono Variable'") +
      textWidth(shorten(one.type, 14), "400 10.5px 'JetBrains Mono Variable'") +
      14,
  );
  return Math.max(96, Math.ceil(Math.max(name, sub, ...rows)) + 38);
}

export function nameFor(box: Box, handles: Handle[]): string {
  const { node } = box;
  if (node.kind === "restricted") return "Restricted: something you may not see";
  const more = handles
    .filter((one) => one.more)
    .map((one) => `${one.more}${one.atLeast ? " or more" : ""} more ${one.side === "up" ? "upstream" : "downstream"}`);
  const where = node.kind === "dataset" && node.product ? `in ${node.product.name}` : "";
  return [
    node.name,
    subOf(box),
    where,
    node.domain?.name ?? "",
    STATUS[node.status] ?? "",
    node.isFocus ? "you are here" : "",
    ...more,
  ]
    .filter(Boolean)
    .join(", ");
}

export function drawFrame(frame: Frame, place: Place): SVGElement {
  const most = Math.max(4, Math.floor((place.width - 20) / 6.6));
  const group = svg(
    "g",
    {
      class: "frame",
      "data-kind": frame.kind,
      "data-id": frame.id,
      transform: `translate(${place.x} ${place.y})`,
    },
    [svg("rect", { class: "frame-box", width: place.width, height: place.height, rx: 8 })],
  );
  if (frame.hue !== null) group.dataset.hue = String(frame.hue % 12);
  if (frame.kind === "product") {
    group.append(
      svg("text", { class: "frame-name", x: 26, y: 18 }, [shorten(frame.name, most - 2)]),
      svg("g", { class: "fold", "data-fold": frame.key, transform: "translate(14 14)" }, [
        svg("title", {}, [`Draw ${frame.name} as one box`]),
        svg("rect", { x: -8, y: -8, width: 16, height: 16, rx: 3 }),
        svg("path", { d: "M-4 0H4" }),
      ]),
    );
  } else group.append(svg("text", { class: "frame-name", x: 12, y: 19 }, [shorten(frame.name, most)]));
  return group;
}

export function drawLine(line: Line, path: string): SVGElement {
  const hint = line.edges.length > 1 ? `${line.edges.length} flows` : (WORDS[line.kind] ?? line.kind);
  const column = line.up || line.down ? ` ${line.up || "…"} → ${line.down || "…"}` : "";
  const group = svg(
    "g",
    { class: "link", "data-id": line.id, "data-kind": line.isRelation ? "foreign-key" : line.kind },
    [
      svg("path", { class: "link-hit", d: path }),
      svg("path", { class: "edge", d: path, "marker-end": "url(#arrow)" }),
      svg("title", {}, [`${hint}${column}${line.change ? `, ${line.change}` : ""}`]),
    ],
  );
  if (line.change) group.dataset.change = line.change;
  if (line.up || line.down) group.dataset.column = "";
  return group;
}

export function drawBox(box: Box, place: Place, handles: Handle[]): SVGElement {
  const { node } = box;
  const sub = subOf(box);
  const group = svg("g", {
    class: `node${node.isFocus ? " is-focus" : ""}${box.count > 1 ? " is-many" : ""}`,
    transform: `translate(${place.x} ${place.y})`,
    tabindex: "-1",
    role: "button",
    "data-id": box.id,
    "data-kind": node.kind,
    "aria-label": nameFor(box, handles),
  });
  if (node.domain) group.dataset.hue = String(node.domain.hue % 12);
  if (node.status !== "ok") group.dataset.status = node.status;
  const height = heightOf(box);
  if (box.count > 1) group.append(svg("rect", { class: "box under", x: 4, y: 4, width: place.width, height, rx: 6 }));
  group.append(
    svg("rect", { class: "box", width: place.width, height, rx: 6 }),
    svg("circle", { class: "band", cx: 14, cy: sub ? 17 : 22, r: 4 }),
    svg("text", { class: "name", x: 25, y: sub ? 21 : 26 }, [shorten(node.name, LONGEST)]),
  );
  if (sub) group.append(svg("text", { class: "sub", x: 25, y: 35 }, [shorten(sub, LONGEST + 6)]));
  const status = STATUS[node.status];
  if (status)
    group.append(
      svg("text", { class: "state", "data-tone": TONE[node.status] ?? "mute", x: place.width - 10, y: sub ? 21 : 26 }, [
        status,
      ]),
    );
  group.append(...columnRows(box, place));
  for (const handle of handles) group.append(drawHandle(box, handle, place.width));
  if (node.kind === "restricted") group.append(svg("title", {}, ["Something you may not see stands here"]));
  return group;
}

function columnRows(box: Box, place: Place): SVGElement[] {
  if (!box.columns.length) return [];
  const rows: SVGElement[] = [svg("line", { class: "rule", x1: 0, x2: place.width, y1: HEAD, y2: HEAD })];
  for (const [at, column] of box.columns.entries()) {
    const y = HEAD + at * ROW;
    rows.push(
      svg("g", { class: "column", "data-path": column.path, transform: `translate(0 ${y})` }, [
        svg("rect", {
          class: "column-hit",
          x: 1,
          y: 1,
          width: Math.max(place.width - 2, 1),
          height: ROW - 1,
          rx: 3,
        }),
        svg("text", { class: "column-name", x: 14, y: 15 }, [shorten(column.path, 30)]),
        svg("text", { class: "column-type", x: place.width - 12, y: 15 }, [shorten(column.type, 14)]),
      ]),
    );
  }
  if (box.columnsLeft)
    rows.push(
      svg("text", { class: "sub", x: 14, y: HEAD + box.columns.length * ROW + 14 }, [
        `${box.columnsLeft} more columns`,
      ]),
    );
  return rows;
}

function drawHandle(box: Box, handle: Handle, width: number): SVGElement {
  const text = handle.more
    ? `+${handle.more > 99 ? "99" : handle.more}${handle.atLeast || handle.more > 99 ? "…" : ""}`
    : "−";
  const wide = Math.max(18, text.length * 7 + 6);
  const x = handle.side === "up" ? 6 - wide / 2 : width - 6 + wide / 2;
  const where = handle.side === "up" ? "upstream" : "downstream";
  return svg(
    "g",
    {
      class: `expand${handle.more ? "" : " is-shut"}`,
      "data-side": handle.side,
      transform: `translate(${x} ${HEAD - 7})`,
    },
    [
      svg("title", {}, [
        handle.more
          ? `Show ${handle.more} more ${where} of ${box.node.name} (e)`
          : `Hide what is ${where} of ${box.node.name}`,
      ]),
      svg("rect", { class: "more", x: -wide / 2, y: -9, width: wide, height: 18, rx: 9 }),
      svg("text", { class: "more-text", y: 4 }, [text]),
    ],
  );
}

export function arrowHead(): SVGElement {
  return svg("defs", {}, [
    svg(
      "marker",
      {
        id: "arrow",
        viewBox: "0 0 8 8",
        refX: 7,
        refY: 4,
        markerWidth: 7,
        markerHeight: 7,
        markerUnits: "userSpaceOnUse",
        orient: "auto-start-reverse",
      },
      [svg("path", { class: "arrow", d: "M0 0.5L8 4L0 7.5Z" })],
    ),
  ]);
}

export function drawAll(drawn: Picture, placed: Placed, handlesOf: (box: Box) => Handle[]): SVGElement[] {
  const frames = [...drawn.frames.values()].sort((a, b) => Number(a.kind === "product") - Number(b.kind === "product"));
  const made: SVGElement[] = [arrowHead()];
  for (const frame of frames) {
    const place = placed.frames.get(frame.id);
    if (place) made.push(drawFrame(frame, place));
  }
  for (const line of drawn.lines) made.push(drawLine(line, placed.paths.get(line.id) ?? ""));
  for (const box of drawn.boxes.values()) {
    const place = placed.boxes.get(box.id);
    if (place) made.push(drawBox(box, place, handlesOf(box)));
  }
  return made;
}
