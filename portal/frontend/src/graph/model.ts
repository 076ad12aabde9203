/** A graph as the page states it, and questions about it. */
export interface GraphNode {
  id: string;
  kind: string;
  label: string;
  domain: string;
  hue: string;
  url: string;
  status: string;
  hint: string;
  isFocus: boolean;
}

export interface GraphEdge {
  source: string;
  target: string;
  kind: string;
  hint: string;
}

export interface Graph {
  nodes: Map<string, GraphNode>;
  edges: GraphEdge[];
}

/** Read nodes from `[data-nodes] > [data-id]` and edges from `[data-edges] [data-source]`. */
export function readGraph(host: ParentNode): Graph {
  const nodes = new Map<string, GraphNode>();
  for (const item of host.querySelectorAll<HTMLElement>("[data-nodes] > [data-id]")) {
    const d = item.dataset;
    nodes.set(d.id ?? "", {
      id: d.id ?? "",
      kind: d.kind ?? "",
      label: d.label ?? "",
      domain: d.domain ?? "",
      hue: d.hue ?? "",
      url: d.url ?? "",
      status: d.status ?? "",
      hint: d.hint ?? "",
      isFocus: d.focus !== undefined,
    });
  }
  const edges = [...host.querySelectorAll<HTMLElement>("[data-edges] [data-source]")]
    .map(({ dataset: d }) => ({ source: d.source ?? "", target: d.target ?? "", kind: d.kind ?? "", hint: d.hint ?? "" }))
    .filter((edge) => nodes.has(edge.source) && nodes.has(edge.target));
  return { nodes, edges };
}

/** Add what another graph knows; what was known stays. Returns how many nodes are new. */
export function merge(into: Graph, other: Graph): number {
  let added = 0;
  for (const [id, node] of other.nodes) {
    if (into.nodes.has(id)) continue;
    into.nodes.set(id, { ...node, isFocus: false });
    added += 1;
  }
  const known = new Set(into.edges.map(key));
  for (const edge of other.edges) if (!known.has(key(edge))) into.edges.push(edge);
  return added;
}

function key(edge: GraphEdge): string {
  return `${edge.source} ${edge.target} ${edge.kind}`;
}

/** Everything upstream and downstream of a node, itself included. */
export function pathThrough(graph: Graph, id: string): Set<string> {
  const lit = new Set<string>([id]);
  walk(graph, id, "source", "target", lit);
  const up = new Set<string>([id]);
  walk(graph, id, "target", "source", up);
  for (const one of up) lit.add(one);
  return lit;
}

function walk(graph: Graph, id: string, from: "source" | "target", to: "source" | "target", seen: Set<string>): void {
  const queue = [id];
  while (queue.length) {
    const here = queue.pop();
    for (const edge of graph.edges) {
      if (edge[from] !== here || seen.has(edge[to])) continue;
      seen.add(edge[to]);
      queue.push(edge[to]);
    }
  }
}
