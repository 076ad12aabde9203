/** Layered layout of boxes in frames, computed by ELK in a worker. */

import type { ElkExtendedEdge, ElkNode, ElkPort, LayoutOptions } from "elkjs/lib/elk-api.js";
import ELK from "elkjs/lib/elk-api.js";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";
import type { Box as DrawnBox, Picture } from "./picture";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Placed {
  boxes: Map<string, Box>;
  frames: Map<string, Box>;
  paths: Map<string, string>;
  width: number;
  height: number;
}

export const HEAD = 44;
export const ROW = 20;
/** Beyond this many boxes the quicker way to place them is taken. */
const MANY = 120;
let elk: InstanceType<typeof ELK> | undefined;

export function heightOf(box: DrawnBox): number {
  const rows = box.columns.length + (box.columnsLeft ? 1 : 0);
  return rows ? HEAD + rows * ROW + 6 : HEAD;
}

/** Place boxes, sources at the left; `widthOf` measures a box's text. */
export async function layout(drawn: Picture, widthOf: (box: DrawnBox) => number): Promise<Placed> {
  elk ??= new ELK({ workerFactory: () => new Worker(workerUrl) });
  return read(await elk.layout(toElk(drawn, widthOf)));
}

export function toElk(drawn: Picture, widthOf: (box: DrawnBox) => number): ElkNode {
  const isMany = drawn.boxes.size > MANY;
  const root: LayoutOptions = {
    "elk.algorithm": "layered",
    "elk.direction": "RIGHT",
    "elk.hierarchyHandling": "INCLUDE_CHILDREN",
    "elk.json.edgeCoords": "ROOT",
    "elk.json.shapeCoords": "ROOT",
    "elk.spacing.nodeNode": "16",
    "elk.spacing.edgeNode": "12",
    "elk.spacing.edgeEdge": "8",
    "elk.layered.spacing.nodeNodeBetweenLayers": "56",
    "elk.layered.spacing.edgeNodeBetweenLayers": "16",
    "elk.layered.nodePlacement.strategy": isMany ? "BRANDES_KOEPF" : "NETWORK_SIMPLEX",
    "elk.layered.nodePlacement.bk.fixedAlignment": "BALANCED",
    "elk.layered.thoroughness": isMany ? "3" : "7",
    "elk.spacing.componentComponent": "28",
  };
  const frames = new Map<string, ElkNode>();
  for (const frame of drawn.frames.values()) {
    const top = frame.kind === "domain" ? 30 : 28;
    frames.set(frame.id, {
      id: frame.id,
      children: [],
      layoutOptions: {
        "elk.padding": `[top=${top},left=12,bottom=12,right=12]`,
        "elk.spacing.nodeNode": "12",
      },
    });
  }
  const top: ElkNode[] = [];
  const put = (child: ElkNode, parent: string | null): void =>
    void ((parent ? frames.get(parent)?.children : undefined) ?? top).push(child);
  for (const frame of drawn.frames.values()) put(frames.get(frame.id)!, frame.parent);
  for (const box of drawn.boxes.values()) put(child(box, widthOf(box)), box.frame);
  const end = (id: string, side: string, path: string): string => {
    const columns = drawn.boxes.get(id)?.columns ?? [];
    if (!columns.length) return id;
    return port(id, side, columns.some((column) => column.path === path) ? path : "");
  };
  const edges = drawn.lines.map((line) => ({
    id: line.id,
    sources: [end(line.source, "e", line.up)],
    targets: [end(line.target, "w", line.down)],
  }));
  return { id: "root", layoutOptions: root, children: top, edges };
}

function port(id: string, side: string, path: string): string {
  return `${id}|${side}|${path}`;
}

function child(box: DrawnBox, width: number): ElkNode {
  const made: ElkNode = { id: box.id, width, height: heightOf(box) };
  if (!box.columns.length) return made;
  const ports: ElkPort[] = [];
  const rows = ["", ...box.columns.map((column) => column.path)];
  for (const [at, path] of rows.entries()) {
    const y = at === 0 ? HEAD / 2 : HEAD + (at - 0.5) * ROW;
    ports.push({
      id: port(box.id, "w", path),
      x: 0,
      y,
      width: 0,
      height: 0,
      layoutOptions: { "elk.port.side": "WEST" },
    });
    ports.push({
      id: port(box.id, "e", path),
      x: width,
      y,
      width: 0,
      height: 0,
      layoutOptions: { "elk.port.side": "EAST" },
    });
  }
  return { ...made, ports, layoutOptions: { "elk.portConstraints": "FIXED_POS" } };
}

export function read(root: ElkNode): Placed {
  const boxes = new Map<string, Box>();
  const frames = new Map<string, Box>();
  const visit = (node: ElkNode): void => {
    for (const one of node.children ?? []) {
      const box = { x: one.x ?? 0, y: one.y ?? 0, width: one.width ?? 0, height: one.height ?? 0 };
      (one.children ? frames : boxes).set(one.id, box);
      visit(one);
    }
  };
  visit(root);
  const paths = new Map<string, string>();
  for (const edge of root.edges ?? []) paths.set(edge.id, pathOf(edge));
  return { boxes, frames, paths, width: root.width ?? 0, height: root.height ?? 0 };
}

/** Draw an edge through its bends with rounded corners. */
function pathOf(edge: ElkExtendedEdge): string {
  return (edge.sections ?? [])
    .map(({ startPoint, endPoint, bendPoints = [] }) => {
      const points = [startPoint, ...bendPoints, endPoint];
      let d = `M${startPoint.x} ${startPoint.y}`;
      for (let i = 1; i < points.length - 1; i += 1) {
        const [a, b, c] = [points[i - 1]!, points[i]!, points[i + 1]!];
        const r = Math.min(8, distance(a, b) / 2, distance(b, c) / 2);
        d += `L${toward(b, a, r)}Q${b.x} ${b.y} ${toward(b, c, r)}`;
      }
      return `${d}L${endPoint.x} ${endPoint.y}`;
    })
    .join("");
}

interface Point {
  x: number;
  y: number;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function toward(from: Point, to: Point, by: number): string {
  const length = distance(from, to) || 1;
  return `${from.x + ((to.x - from.x) * by) / length} ${from.y + ((to.y - from.y) * by) / length}`;
}
