/** The table beneath says what the graph says: rows for what was expanded. */
import { WORDS } from "./draw";
import type { Graph, Node } from "./model";
import { make } from "./panel";

export function addRows(body: HTMLTableSectionElement, graph: Graph, base: Set<string>): void {
  for (const row of body.querySelectorAll("tr[data-added]")) row.remove();
  const seen = new Set<string>();
  for (const edge of graph.edges.values()) {
    const pair = `${edge.source} ${edge.target} ${edge.kind}`;
    if (base.has(edge.id) || seen.has(pair)) continue;
    seen.add(pair);
    const row = make("tr", {
      "data-added": "",
      "data-text": `${graph.nodes.get(edge.source)?.name ?? ""} ${graph.nodes.get(edge.target)?.name ?? ""}`,
    });
    row.append(
      cell(graph.nodes.get(edge.source)),
      cell(graph.nodes.get(edge.target)),
      make("td", { class: "muted" }, WORDS[edge.kind] ?? edge.kind),
      make("td", {}, edge.job?.name ?? ""),
      make("td", {}, edge.lastSeenAt?.slice(0, 10) ?? ""),
      make("td"),
    );
    body.append(row);
  }
}

function cell(node: Node | undefined): HTMLElement {
  if (!node || node.kind === "restricted") return make("td", { class: "muted" }, "Restricted");
  const dot = make("span", { class: "dot dot-s", "aria-hidden": "true" });
  if (node.domain) dot.dataset.hue = String(node.domain.hue % 12);
  const name = node.url ? make("a", { class: "plain", href: node.url }, node.name) : make("span", {}, node.name);
  return make("td", {}, make("span", { class: "product-link" }, dot, name));
}
