/** The graph a person has opened: the page's own answer, and what was expanded since. */
import type { Answer, ColumnFlow, Edge, Node, Side } from "./answer";

export interface Graph {
  nodes: Map<string, Node>;
  edges: Map<string, Edge>;
}

/** `d12.down`: what stands after d12. */
export function keyOf(id: string, side: Side): string {
  return `${id}.${side}`;
}

export function splitKey(key: string): [string, Side] {
  const at = key.lastIndexOf(".");
  return [key.slice(0, at), key.slice(at + 1) === "up" ? "up" : "down"];
}

/** Put a page's answer and expansions together; an expansion of what is not there is left out. */
export function assemble(base: Answer, expansions: Map<string, Answer>, wanted: string[]): Graph {
  const graph: Graph = { nodes: new Map(), edges: new Map() };
  for (const node of base.nodes) graph.nodes.set(node.id, node);
  for (const edge of base.edges) graph.edges.set(edge.id, edge);
  for (const key of wanted) {
    const answer = expansions.get(key);
    if (answer) expand(graph, key, answer);
  }
  return graph;
}

function expand(graph: Graph, key: string, answer: Answer): void {
  const [id, side] = splitKey(key);
  const origin = graph.nodes.get(id);
  if (!origin) return;
  const alreadyHidden = neighbours(graph, id, side).some((other) => graph.nodes.get(other)?.kind === "restricted");
  const names = new Map<string, string>();
  for (const node of answer.nodes) {
    const isNameless = node.kind === "restricted";
    if (isNameless && alreadyHidden) continue;
    const own = isNameless ? `${node.id}@${key}` : node.id;
    names.set(node.id, own);
    if (graph.nodes.has(own)) continue;
    graph.nodes.set(own, { ...node, id: own, isFocus: false, level: origin.level + node.level });
  }
  for (const edge of answer.edges) {
    const [source, target] = [names.get(edge.source), names.get(edge.target)];
    if (source === undefined || target === undefined || edge.kind === "foreign-key") continue;
    const own = edge.kind === "restricted" ? `${edge.id}@${key}` : edge.id;
    if (!graph.edges.has(own)) graph.edges.set(own, { ...edge, id: own, source, target });
  }
  const more = { ...origin.more };
  more[side === "up" ? "upstream" : "downstream"] = 0;
  graph.nodes.set(id, { ...origin, more });
}

/** Give a dataset its columns, and the edges at it theirs. */
export function addColumns(graph: Graph, id: string, answer: Answer): void {
  const node = graph.nodes.get(id);
  const columns = answer.nodes.find((one) => one.id === id)?.columns;
  if (!node || !columns) return;
  graph.nodes.set(id, { ...node, columns });
  for (const edge of answer.edges) {
    const known = graph.edges.get(edge.id);
    if (known && edge.columns.length) graph.edges.set(edge.id, { ...known, columns: edge.columns });
  }
}

export function neighbours(graph: Graph, id: string, side: Side): string[] {
  const found = new Set<string>();
  for (const edge of graph.edges.values()) {
    if (side === "up" && edge.target === id) found.add(edge.source);
    if (side === "down" && edge.source === id) found.add(edge.target);
  }
  found.delete(id);
  return [...found];
}

/** Leave out what is reached only through a shut side of a node. */
export function withoutShut(graph: Graph, shut: string[]): Graph {
  const starts = [...graph.nodes.values()].filter((node) => node.isFocus).map((node) => node.id);
  if (!shut.length || !starts.length) return graph;
  const closed = new Set(shut);
  const around = adjacency(graph);
  const seen = new Set(starts);
  const queue = [...starts];
  for (let here = queue.pop(); here !== undefined; here = queue.pop()) {
    const { up, down } = around.get(here) ?? { up: [], down: [] };
    const open = [...(closed.has(keyOf(here, "up")) ? [] : up), ...(closed.has(keyOf(here, "down")) ? [] : down)];
    for (const next of open) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  const nodes = new Map([...graph.nodes].filter(([id]) => seen.has(id)));
  const edges = new Map([...graph.edges].filter(([, edge]) => seen.has(edge.source) && seen.has(edge.target)));
  return { nodes, edges };
}

interface Around {
  up: string[];
  down: string[];
}

function adjacency(graph: Graph): Map<string, Around> {
  const around = new Map<string, Around>();
  for (const id of graph.nodes.keys()) around.set(id, { up: [], down: [] });
  for (const edge of graph.edges.values()) {
    around.get(edge.source)?.down.push(edge.target);
    around.get(edge.target)?.up.push(edge.source);
  }
  return around;
}

export interface Link {
  source: string;
  target: string;
}

/** Everything upstream and downstream of a start, itself included; never its siblings. */
export function pathThrough(links: Iterable<Link>, start: string): Set<string> {
  const up = new Map<string, string[]>();
  const down = new Map<string, string[]>();
  for (const { source, target } of links) {
    (down.get(source) ?? down.set(source, []).get(source)!).push(target);
    (up.get(target) ?? up.set(target, []).get(target)!).push(source);
  }
  return new Set([...walk(up, start), ...walk(down, start)]);
}

function walk(next: Map<string, string[]>, start: string): Set<string> {
  const seen = new Set([start]);
  const queue = [start];
  for (let here = queue.pop(); here !== undefined; here = queue.pop()) {
    for (const one of next.get(here) ?? []) {
      if (seen.has(one)) continue;
      seen.add(one);
      queue.push(one);
    }
  }
  return seen;
}

export type { Answer, ColumnFlow, Edge, Node, Side };
