/** What is drawn: boxes in frames, and lines; folded where there is too much to see. */
import type { Edge, Graph, Node } from "./model";

/** So many boxes are drawn one by one; beyond, products are drawn as one box each, then domains. */
export const MOST = 500;
const MOST_COLUMNS = 14;
const MOST_COLUMN_LINES = 600;

export interface Box {
  id: string;
  node: Node;
  /** Datasets inside, where this box is a folded product or domain. */
  count: number;
  columns: { path: string; type: string }[];
  columnsLeft: number;
  frame: string | null;
}

export interface Frame {
  id: string;
  kind: "product" | "domain";
  key: string;
  name: string;
  hue: number | null;
  parent: string | null;
}

export interface Line {
  id: string;
  source: string;
  target: string;
  up: string;
  down: string;
  edges: Edge[];
  kind: string;
  change: "added" | "removed" | null;
  isRelation: boolean;
}

export interface Picture {
  boxes: Map<string, Box>;
  frames: Map<string, Frame>;
  lines: Line[];
  /** Why it is not drawn node by node, empty where it is. */
  said: string;
}

export interface Wish {
  fold: Set<string>;
  columns: Set<string>;
  unfold: Set<string>;
}

/** Decide what is drawn of a graph. */
export function picture(graph: Graph, wish: Wish, most = MOST): Picture {
  const products = sizes(graph, productOf);
  const fold = new Set(wish.fold);
  let said = "";
  let home = homes(graph, fold, new Set());
  if (count(home) > most) {
    for (const [key, size] of products) if (size > 1 && !wish.unfold.has(key)) fold.add(key);
    home = homes(graph, fold, new Set());
    said = `${graph.nodes.size} is more than can be read: products are drawn as one box each. Open one to see inside.`;
  }
  if (count(home) > most) {
    const domains = new Set(
      [...sizes(graph, domainOf)].filter(([key, size]) => size > 1 && !wish.unfold.has(key)).map(([key]) => key),
    );
    home = homes(graph, fold, domains);
    said = `${graph.nodes.size} is more than can be read: domains are drawn as one box each. Open one to see inside.`;
  }
  const open = new Set([...wish.columns].filter((id) => graph.nodes.get(id)?.columns?.length));
  const lines = linesOf(graph, home, open);
  const boxes = boxesOf(graph, home, open, lines);
  return { boxes, frames: framesOf(boxes, lines), lines, said };
}

export function productOf(node: Node): string | null {
  return node.kind === "dataset" && node.product ? `product:${node.product.id}` : null;
}

function domainOf(node: Node): string | null {
  return node.domain && !node.isFocus ? `domain:${node.domain.key}` : null;
}

function sizes(graph: Graph, of: (node: Node) => string | null): Map<string, number> {
  const found = new Map<string, number>();
  for (const node of graph.nodes.values()) {
    const key = of(node);
    if (key) found.set(key, (found.get(key) ?? 0) + 1);
  }
  return found;
}

function homes(graph: Graph, products: Set<string>, domains: Set<string>): Map<string, string> {
  const home = new Map<string, string>();
  for (const node of graph.nodes.values()) {
    const [product, domain] = [productOf(node), domainOf(node)];
    home.set(node.id, domain && domains.has(domain) ? domain : product && products.has(product) ? product : node.id);
  }
  return home;
}

function count(home: Map<string, string>): number {
  return new Set(home.values()).size;
}

function boxesOf(graph: Graph, home: Map<string, string>, open: Set<string>, lines: Line[]): Map<string, Box> {
  const used = new Map<string, Set<string>>();
  for (const line of lines) {
    if (line.up) (used.get(line.source) ?? used.set(line.source, new Set()).get(line.source)!).add(line.up);
    if (line.down) (used.get(line.target) ?? used.set(line.target, new Set()).get(line.target)!).add(line.down);
  }
  const boxes = new Map<string, Box>();
  for (const node of graph.nodes.values()) {
    const id = home.get(node.id) ?? node.id;
    const known = boxes.get(id);
    if (known) {
      known.count += 1;
      if (node.isFocus) known.node.isFocus = true;
    } else if (id === node.id) {
      const all = open.has(id) && node.columns ? node.columns : [];
      const mine = used.get(id) ?? new Set();
      const rank = (path: string): number => (mine.has(path) ? 0 : 1);
      const shown = all.length > MOST_COLUMNS ? [...all].sort((a, b) => rank(a.path) - rank(b.path)) : all;
      const most = Math.max(MOST_COLUMNS, mine.size);
      boxes.set(id, {
        id,
        node,
        count: 1,
        columns: shown.slice(0, most),
        columnsLeft: Math.max(0, shown.length - most),
        frame: null,
      });
    } else {
      boxes.set(id, { id, node: folded(id, node), count: 1, columns: [], columnsLeft: 0, frame: null });
    }
  }
  return boxes;
}

function folded(id: string, node: Node): Node {
  const isProduct = id.startsWith("product:");
  const named = isProduct ? node.product : node.domain;
  return {
    ...node,
    id,
    kind: isProduct ? "product" : "domain",
    name: named?.name ?? "",
    url: named?.url ?? "",
    parent: null,
    status: "ok",
    more: { upstream: 0, downstream: 0, atLeast: false },
    columns: null,
  };
}

function linesOf(graph: Graph, home: Map<string, string>, open: Set<string>): Line[] {
  const lines = new Map<string, Line>();
  let columnLines = 0;
  for (const edge of graph.edges.values()) {
    const [source, target] = [home.get(edge.source), home.get(edge.target)];
    if (source === undefined || target === undefined || source === target) continue;
    const isRelation = edge.kind === "foreign-key";
    const [left, right] = [open.has(source), open.has(target)];
    const flows = (left || right) && edge.columns.length && columnLines < MOST_COLUMN_LINES ? edge.columns : null;
    const ends = flows ? flows.map(([up, down]) => [left ? up : "", right ? down : ""] as const) : [["", ""] as const];
    for (const [up, down] of ends) {
      const id = [source, target, isRelation ? "r" : "f", up, down].join("|");
      const known = lines.get(id);
      if (!known) {
        if (up || down) columnLines += 1;
        lines.set(id, {
          id,
          source,
          target,
          up,
          down,
          edges: [edge],
          kind: edge.kind,
          change: edge.change,
          isRelation,
        });
      } else if (!known.edges.includes(edge)) {
        known.edges.push(edge);
        if (known.change !== edge.change) known.change = null;
      }
    }
  }
  return [...lines.values()];
}

/**
 * Draw frames around what belongs together. A domain that both feeds and reads another would make
 * the layers run in circles: then it is framed product by product, and those one by one.
 */
export function framesOf(boxes: Map<string, Box>, lines: Line[]): Map<string, Frame> {
  const frames = new Map<string, Frame>();
  const flows = lines.filter((line) => !line.isRelation);
  // A product's datasets may be of several domains: it has a frame in each.
  const product = (box: Box): string | null => {
    const own = box.count === 1 ? productOf(box.node) : null;
    return own && `${own}@${box.node.domain?.key ?? ""}`;
  };
  const domain = (box: Box): string | null =>
    box.node.domain && !box.id.startsWith("domain:") ? `domain:${box.node.domain.key}` : null;
  const whole = (box: Box): string => domain(box) ?? product(box) ?? box.id;
  const mixed = circular(boxes, flows, whole);
  const part = (box: Box): string => (mixed.has(whole(box)) ? (product(box) ?? box.id) : whole(box));
  const tangled = circular(boxes, flows, (box) => product(box) ?? box.id);
  const mixedParts = circular(boxes, flows, part);
  for (const box of boxes.values()) {
    const { domain: area, product: home } = box.node;
    let parent: string | null = null;
    if (area && domain(box)) {
      const split = mixed.has(whole(box));
      const own = split ? `${whole(box)}/${product(box) ?? box.id}` : whole(box);
      if (!split || (product(box) && !mixedParts.has(part(box)))) {
        parent = own;
        frames.set(own, {
          id: own,
          kind: "domain",
          key: area.key,
          name: area.name,
          hue: area.hue,
          parent: null,
        });
      }
    }
    const key = product(box);
    if (home && key && !tangled.has(key) && !mixedParts.has(part(box))) {
      frames.set(key, {
        id: key,
        kind: "product",
        key: productOf(box.node) ?? key,
        name: home.name,
        hue: area?.hue ?? null,
        parent,
      });
      parent = key;
    }
    box.frame = parent;
  }
  return frames;
}

/** Which groups lie on a circle of groups. */
function circular(boxes: Map<string, Box>, lines: Line[], group: (box: Box) => string): Set<string> {
  const next = new Map<string, Set<string>>();
  for (const line of lines) {
    const [from, to] = [boxes.get(line.source), boxes.get(line.target)];
    if (!from || !to) continue;
    const [a, b] = [group(from), group(to)];
    if (a !== b) (next.get(a) ?? next.set(a, new Set()).get(a)!).add(b);
  }
  return components(next);
}

/** Tarjan's algorithm without recursion: the nodes in components of more than one. */
function components(next: Map<string, Set<string>>): Set<string> {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const on = new Set<string>();
  const found = new Set<string>();
  for (const root of next.keys()) {
    if (index.has(root)) continue;
    const work: [string, Iterator<string>][] = [];
    const enter = (id: string): void => {
      index.set(id, index.size);
      low.set(id, index.get(id)!);
      stack.push(id);
      on.add(id);
      work.push([id, (next.get(id) ?? new Set<string>()).values()]);
    };
    enter(root);
    while (work.length) {
      const [id, rest] = work.at(-1)!;
      const { value, done } = rest.next();
      if (!done) {
        if (!index.has(value)) enter(value);
        else if (on.has(value)) low.set(id, Math.min(low.get(id)!, index.get(value)!));
        continue;
      }
      work.pop();
      const above = work.at(-1)?.[0];
      if (above !== undefined) low.set(above, Math.min(low.get(above)!, low.get(id)!));
      if (low.get(id) !== index.get(id)) continue;
      const members: string[] = [];
      for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
        on.delete(one);
        members.push(one);
        if (one === id) break;
      }
      if (members.length > 1) for (const one of members) found.add(one);
    }
  }
  return found;
}
