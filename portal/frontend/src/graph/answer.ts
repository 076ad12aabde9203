/** What the server answers to a question about the graph: the JSON of `/api/v1/lineage-graph`. */
export type Side = "up" | "down";

export interface Named {
  name: string;
  url: string;
}

export interface Node {
  id: string;
  kind: string;
  name: string;
  level: number;
  isFocus: boolean;
  parent: string | null;
  parentName?: string;
  product: (Named & { id: string }) | null;
  domain: (Named & { key: string; hue: number }) | null;
  url: string;
  status: string;
  type: string;
  more: { upstream: number; downstream: number; atLeast: boolean };
  columns: { path: string; type: string }[] | null;
}

/** [upstream column, downstream column (empty: all rows), how]. */
export type ColumnFlow = [string, string, string];

export interface Edge {
  id: string;
  source: string;
  target: string;
  kind: string;
  isEnded: boolean;
  change: "added" | "removed" | null;
  firstSeenAt: string | null;
  lastSeenAt: string | null;
  endedAt: string | null;
  origin: string;
  confidence: string;
  job: { id: number; namespace: string; name: string } | null;
  run: string | null;
  columns: ColumnFlow[];
}

export interface Answer {
  focus: string;
  level: "product" | "dataset" | "column";
  direction: "both" | "upstream" | "downstream";
  depth: number;
  nodes: Node[];
  edges: Edge[];
  truncated: { nodes: number; said: string } | null;
}

/** What the page adds: where to ask on, and with what. */
export interface Page {
  rest: string;
  explorer: string;
  edge: string;
  query: Record<string, string>;
}

export function readJson<T>(host: ParentNode, id: string): T | undefined {
  const text = host.querySelector(`#${id}`)?.textContent;
  return text ? (JSON.parse(text) as T) : undefined;
}

/** A flow that is drawn from one dataset to another although columns were asked for. */
export function byDataset(answer: Answer): Answer {
  if (answer.level !== "column") return answer;
  const nodes = new Map<string, Node>();
  const home = new Map<string, [string, string]>();
  for (const node of answer.nodes) {
    if (node.kind !== "column" || !node.parent) {
      nodes.set(node.id, node);
      continue;
    }
    const path = node.id.slice(node.id.indexOf(":") + 1);
    home.set(node.id, [node.parent, path]);
    const known = nodes.get(node.parent);
    const column = path ? [{ path, type: "" }] : [];
    if (known) {
      known.columns?.push(...column);
      known.isFocus ||= node.isFocus;
      known.more.upstream += node.more.upstream;
      known.more.downstream += node.more.downstream;
      if (Math.abs(node.level) < Math.abs(known.level)) known.level = node.level;
    } else {
      const product = node.product ? `product:${node.product.id}` : null;
      nodes.set(node.parent, {
        ...node,
        id: node.parent,
        kind: "dataset",
        name: node.parentName || node.parent,
        parent: product,
        type: "",
        more: { ...node.more },
        columns: column,
      });
    }
  }
  const edges = answer.edges.map((edge) => {
    const [source, up] = home.get(edge.source) ?? [edge.source, ""];
    const [target, down] = home.get(edge.target) ?? [edge.target, ""];
    const how = edge.columns[0]?.[2] ?? "";
    return {
      ...edge,
      source,
      target,
      columns: home.has(edge.source) || home.has(edge.target) ? ([[up, down, how]] as ColumnFlow[]) : edge.columns,
    };
  });
  return {
    ...answer,
    nodes: [...nodes.values()],
    edges: edges.filter((edge) => edge.source !== edge.target),
  };
}
