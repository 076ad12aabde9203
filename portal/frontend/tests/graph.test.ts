import { describe, expect, it } from "vitest";
import { merge, pathThrough, readGraph } from "../src/graph/model";

function page(edges: [string, string][], focus = "a"): HTMLElement {
  const host = document.createElement("div");
  const ids = [...new Set(edges.flat())];
  host.innerHTML = `
    <table data-edges>${edges.map(([s, t]) => `<tr data-source="${s}" data-target="${t}" data-kind="declared"></tr>`).join("")}</table>
    <ul data-nodes>${ids.map((id) => `<li data-id="${id}" data-label="${id.toUpperCase()}" data-kind="product"${id === focus ? " data-focus" : ""}></li>`).join("")}</ul>`;
  return host;
}

describe("a graph", () => {
  it("is read from the table beside it", () => {
    const graph = readGraph(page([["a", "b"], ["b", "c"]]));
    expect([...graph.nodes.keys()]).toEqual(["a", "b", "c"]);
    expect(graph.nodes.get("a")?.isFocus).toBe(true);
    expect(graph.edges).toHaveLength(2);
  });

  it("leaves out edges to what it does not know", () => {
    const host = page([["a", "b"]]);
    host.querySelector("table")!.insertAdjacentHTML("beforeend", '<tr data-source="a" data-target="ghost"></tr>');
    expect(readGraph(host).edges).toHaveLength(1);
  });

  it("lights everything before and after a node, not its siblings", () => {
    const graph = readGraph(page([["a", "b"], ["b", "c"], ["a", "d"]]));
    expect([...pathThrough(graph, "b")].sort()).toEqual(["a", "b", "c"]);
  });

  it("does not walk in circles", () => {
    const graph = readGraph(page([["a", "b"], ["b", "a"]]));
    expect(pathThrough(graph, "a").size).toBe(2);
  });

  it("grows by what another page knows", () => {
    const graph = readGraph(page([["a", "b"]]));
    expect(merge(graph, readGraph(page([["b", "c"]], "b")))).toBe(1);
    expect(graph.edges).toHaveLength(2);
    expect(graph.nodes.get("b")?.isFocus).toBe(false);
    expect(merge(graph, readGraph(page([["b", "c"]], "b")))).toBe(0);
  });
});
