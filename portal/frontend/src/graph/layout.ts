/** Layered layout, computed by ELK in a worker. */
import ELK from "elkjs/lib/elk-api.js";
import type { ElkExtendedEdge, ElkNode } from "elkjs/lib/elk-api.js";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";
import type { Graph } from "./model";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Placed {
  boxes: Map<string, Box>;
  paths: string[];
  width: number;
  height: number;
}

export const HEIGHT = 44;
let elk: InstanceType<typeof ELK> | undefined;

/** Place the nodes, sources at the left; `widthOf` measures a node's text. */
export async function layout(graph: Graph, widthOf: (id: string) => number): Promise<Placed> {
  elk ??= new ELK({ workerFactory: () => new Worker(workerUrl) });
  const placed = await elk.layout({
    id: "root",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": "RIGHT",
      "elk.spacing.nodeNode": "18",
      "elk.layered.spacing.nodeNodeBetweenLayers": "64",
      "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
      "elk.separateConnectedComponents": "true",
    },
    children: [...graph.nodes.keys()].map((id) => ({ id, width: widthOf(id), height: HEIGHT })),
    edges: graph.edges.map((edge, index) => ({ id: `e${index}`, sources: [edge.source], targets: [edge.target] })),
  });
  return read(placed);
}

function read(root: ElkNode): Placed {
  const boxes = new Map<string, Box>();
  for (const { id, x = 0, y = 0, width = 0, height = 0 } of root.children ?? []) boxes.set(id, { x, y, width, height });
  return {
    boxes,
    paths: (root.edges ?? []).map(pathOf),
    width: root.width ?? 0,
    height: root.height ?? 0,
  };
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
