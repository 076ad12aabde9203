import { describe, expect, it } from "vitest";
import { dayAfter, daysBetween } from "../src/behaviours/timeline";
import { type Answer, byDataset, type Edge, type Node } from "../src/graph/answer";
import { read, toElk } from "../src/graph/layout";
import { addColumns, assemble, type Graph, pathThrough, withoutShut } from "../src/graph/model";
import { framesOf, picture } from "../src/graph/picture";
import { asked, readState, toggled, withState } from "../src/graph/state";

function node(id: string, more: Partial<Node> = {}): Node {
  return {
    id,
    kind: "dataset",
    name: id,
    level: 0,
    isFocus: false,
    parent: null,
    product: null,
    domain: null,
    url: `/${id}`,
    status: "ok",
    type: "table",
    more: { upstream: 0, downstream: 0, atLeast: false },
    columns: null,
    ...more,
  };
}

function edge(source: string, target: string, more: Partial<Edge> = {}): Edge {
  return {
    id: `${source}>${target}`,
    source,
    target,
    kind: "job",
    isEnded: false,
    change: null,
    firstSeenAt: null,
    lastSeenAt: null,
    endedAt: null,
    origin: "",
    confidence: "",
    job: null,
    run: null,
    columns: [],
    ...more,
  };
}

function answer(nodes: Node[], edges: Edge[], more: Partial<Answer> = {}): Answer {
  return { focus: "", level: "dataset", direction: "both", depth: 1, nodes, edges, truncated: null, ...more };
}

function graph(pairs: [string, string][], focus = "a", of: (id: string) => Partial<Node> = () => ({})): Graph {
  const ids = [...new Set(pairs.flat())];
  return assemble(
    answer(
      ids.map((id) => node(id, { isFocus: id === focus, ...of(id) })),
      pairs.map(([s, t]) => edge(s, t)),
    ),
    new Map(),
    [],
  );
}

const nothing = { fold: new Set<string>(), unfold: new Set<string>(), columns: new Set<string>() };
const inProduct = (key: string, domain = "claims"): Partial<Node> => ({
  product: { id: key, name: key, url: "" },
  domain: { key: domain, name: domain, hue: 1, url: "" },
});

describe("a path", () => {
  it("holds everything before and after, never siblings", () => {
    const links = [
      ["a", "b"],
      ["b", "c"],
      ["a", "sibling"],
    ].map(([source, target]) => ({ source: source!, target: target! }));
    expect([...pathThrough(links, "b")].sort()).toEqual(["a", "b", "c"]);
  });

  it("ends in a circle", () => {
    expect(
      pathThrough(
        [
          { source: "a", target: "b" },
          { source: "b", target: "a" },
        ],
        "a",
      ).size,
    ).toBe(2);
  });
});

describe("expanding", () => {
  const base = answer(
    [node("a", { isFocus: true }), node("b", { level: 1, more: { upstream: 0, downstream: 2, atLeast: false } })],
    [edge("a", "b")],
  );
  const further = answer(
    [node("b", { isFocus: true }), node("c", { level: 1 }), node("restricted-1", { kind: "restricted", level: 1 })],
    [edge("b", "c"), edge("b", "restricted-1", { id: "r", kind: "restricted" })],
  );

  it("adds what stands further, one level on, and nothing is left to show there", () => {
    const grown = assemble(base, new Map([["b.down", further]]), ["b.down"]);
    expect(grown.nodes.get("c")?.level).toBe(2);
    expect(grown.nodes.get("b")?.isFocus).toBe(false);
    expect(grown.nodes.get("b")?.more.downstream).toBe(0);
  });

  it("keeps nameless nodes of two answers apart", () => {
    const both = answer(
      [...base.nodes, node("restricted-1", { kind: "restricted" })],
      [...base.edges, edge("restricted-1", "a")],
    );
    const grown = assemble(both, new Map([["b.down", further]]), ["b.down"]);
    expect([...grown.nodes.keys()].filter((id) => id.startsWith("restricted"))).toEqual([
      "restricted-1",
      "restricted-1@b.down",
    ]);
  });

  it("does not draw the same hidden thing twice", () => {
    const hidden = answer(
      [...base.nodes, node("restricted-1", { kind: "restricted" })],
      [...base.edges, edge("b", "restricted-1")],
    );
    const grown = assemble(hidden, new Map([["b.down", further]]), ["b.down"]);
    expect([...grown.nodes.values()].filter((one) => one.kind === "restricted")).toHaveLength(1);
  });

  it("is undone by leaving it out, with what hung on it", () => {
    const last = answer([node("c", { isFocus: true }), node("d", { level: 1 })], [edge("c", "d")]);
    const kept = new Map([
      ["b.down", further],
      ["c.down", last],
    ]);
    expect(assemble(base, kept, ["b.down", "c.down"]).nodes.has("d")).toBe(true);
    expect(assemble(base, kept, ["c.down"]).nodes.has("d")).toBe(false);
  });
});

describe("shutting a side", () => {
  it("leaves out what is reached only that way", () => {
    const shut = withoutShut(
      graph([
        ["a", "b"],
        ["b", "c"],
        ["a", "d"],
      ]),
      ["b.down"],
    );
    expect([...shut.nodes.keys()].sort()).toEqual(["a", "b", "d"]);
  });

  it("keeps what is reached another way", () => {
    const shut = withoutShut(
      graph([
        ["a", "b"],
        ["b", "c"],
        ["a", "c"],
      ]),
      ["b.down"],
    );
    expect(shut.nodes.has("c")).toBe(true);
  });
});

describe("what is drawn", () => {
  it("is one line for all flows from one to another", () => {
    const two = assemble(
      answer([node("a"), node("b")], [edge("a", "b", { id: "1" }), edge("a", "b", { id: "2", kind: "sql" })]),
      new Map(),
      [],
    );
    const drawn = picture(two, nothing);
    expect(drawn.lines).toHaveLength(1);
    expect(drawn.lines[0]?.edges).toHaveLength(2);
  });

  it("keeps a foreign key apart: it is a relation", () => {
    const two = assemble(
      answer([node("a"), node("b")], [edge("a", "b", { id: "1" }), edge("a", "b", { id: "2", kind: "foreign-key" })]),
      new Map(),
      [],
    );
    expect(picture(two, nothing).lines.map((line) => line.isRelation)).toEqual([false, true]);
  });

  it("puts datasets in their product and that in its domain", () => {
    const drawn = picture(
      graph(
        [
          ["a", "b"],
          ["b", "c"],
        ],
        "a",
        (id) => inProduct(id === "c" ? "q" : "p", id === "c" ? "policy" : "claims"),
      ),
      nothing,
    );
    expect(drawn.boxes.get("a")?.frame).toBe("product:p@claims");
    expect(drawn.frames.get("product:p@claims")?.parent).toBe("domain:claims");
    expect(drawn.frames.get("product:q@policy")?.parent).toBe("domain:policy");
  });

  it("splits a domain that another stands between, so that layers do not run in circles", () => {
    const drawn = picture(
      graph(
        [
          ["a", "b"],
          ["b", "c"],
        ],
        "a",
        (id) => inProduct(`p${id}`, id === "b" ? "policy" : "claims"),
      ),
      nothing,
    );
    expect(drawn.frames.get("product:pa@claims")?.parent).not.toBe(drawn.frames.get("product:pc@claims")?.parent);
    expect([...drawn.frames.values()].filter((frame) => frame.name === "claims")).toHaveLength(2);
  });

  it("draws no frame around a product whose data leaves it and comes back", () => {
    const drawn = picture(
      graph(
        [
          ["a", "b"],
          ["b", "c"],
        ],
        "a",
        (id) => inProduct(id === "b" ? "q" : "p"),
      ),
      nothing,
    );
    expect(drawn.frames.has("product:p@claims")).toBe(false);
    expect(drawn.boxes.get("a")?.frame).toBe("domain:claims");
  });

  it("draws a folded product as one box with all its lines", () => {
    const drawn = picture(
      graph(
        [
          ["a", "b"],
          ["c", "b"],
          ["b", "d"],
        ],
        "d",
        (id) => (id === "d" ? {} : inProduct("p")),
      ),
      { ...nothing, fold: new Set(["product:p"]) },
    );
    expect([...drawn.boxes.keys()].sort()).toEqual(["d", "product:p"]);
    expect(drawn.boxes.get("product:p")?.count).toBe(3);
    expect(drawn.lines).toHaveLength(1);
  });

  it("folds by itself what is more than can be read, and says so", () => {
    const pairs = Array.from({ length: 600 }, (_, n) => ["a", `n${n}`] as [string, string]);
    const big = graph(pairs, "a", (id) => (id === "a" ? {} : inProduct(`p${Number(id.slice(1)) % 20}`)));
    const drawn = picture(big, nothing);
    expect(drawn.boxes.size).toBe(21);
    expect(drawn.said).toContain("601 is more than can be read");
    const opened = picture(big, { ...nothing, unfold: new Set(["product:p3"]) });
    expect(opened.boxes.size).toBe(50);
  });

  it("folds into domains where products are still too many", () => {
    const pairs = Array.from({ length: 1200 }, (_, n) => ["a", `n${n}`] as [string, string]);
    const drawn = picture(
      graph(pairs, "a", (id) =>
        id === "a" ? {} : inProduct(`p${Number(id.slice(1)) % 600}`, `d${Number(id.slice(1)) % 3}`),
      ),
      nothing,
    );
    expect(drawn.boxes.size).toBe(4);
    expect(drawn.said).toContain("domains");
  });

  it("does not frame across circles whatever the graph", () => {
    let seed = 7;
    const next = (n: number): number => {
      seed = (seed * 16807) % 2147483647;
      return seed % n;
    };
    for (let round = 0; round < 60; round += 1) {
      const pairs = Array.from({ length: 25 }, () => [`n${next(14)}`, `n${next(14)}`] as [string, string]).filter(
        ([a, b]) => Number(a.slice(1)) < Number(b.slice(1)),
      );
      const drawn = picture(
        graph(pairs, "n0", (id) => inProduct(`p${Number(id.slice(1)) % 5}`, `d${Number(id.slice(1)) % 3}`)),
        nothing,
      );
      expect(framesOf(drawn.boxes, drawn.lines).size).toBe(drawn.frames.size);
      const top = (id: string | null): string | null => {
        const parent = id ? (drawn.frames.get(id)?.parent ?? null) : null;
        return parent ? top(parent) : id;
      };
      const group = (id: string): string => top(drawn.boxes.get(id)?.frame ?? null) ?? id;
      const links = drawn.lines
        .map((line) => ({ source: group(line.source), target: group(line.target) }))
        .filter((link) => link.source !== link.target);
      for (const one of new Set(links.map((link) => link.source))) expect(reaches(links, one)).toBe(false);
    }
  });
});

function reaches(links: { source: string; target: string }[], start: string): boolean {
  const seen = new Set<string>();
  const queue = links.filter((link) => link.source === start).map((link) => link.target);
  for (let here = queue.pop(); here !== undefined; here = queue.pop()) {
    if (here === start) return true;
    if (seen.has(here)) continue;
    seen.add(here);
    queue.push(...links.filter((link) => link.source === here).map((link) => link.target));
  }
  return false;
}

describe("columns", () => {
  const columns = ["id", "amount"].map((path) => ({ path, type: "int" }));

  function opened(): Graph {
    const made = graph([["a", "b"]]);
    addColumns(
      made,
      "b",
      answer(
        [node("b", { columns })],
        [
          edge("a", "b", {
            columns: [
              ["x", "id", ""],
              ["y", "amount", "SUM"],
            ],
          }),
        ],
      ),
    );
    return made;
  }

  it("have lines of their own once they are shown", () => {
    const drawn = picture(opened(), { ...nothing, columns: new Set(["b"]) });
    expect(drawn.lines.map((line) => [line.up, line.down])).toEqual([
      ["", "id"],
      ["", "amount"],
    ]);
    expect(drawn.boxes.get("b")?.columns).toHaveLength(2);
    expect(picture(opened(), nothing).lines).toHaveLength(1);
  });

  it("are at most so many, those with lines first", () => {
    const made = graph([["a", "b"]]);
    const wide = Array.from({ length: 60 }, (_, n) => ({ path: `c${n}`, type: "" }));
    addColumns(made, "b", answer([node("b", { columns: wide })], [edge("a", "b", { columns: [["x", "c59", ""]] })]));
    const box = picture(made, { ...nothing, columns: new Set(["b"]) }).boxes.get("b");
    expect(box?.columns[0]?.path).toBe("c59");
    expect((box?.columns.length ?? 0) + (box?.columnsLeft ?? 0)).toBe(60);
  });

  it("of an answer about columns are drawn in their datasets", () => {
    const found = byDataset(
      answer(
        [
          node("c1:a", { kind: "column", parent: "d1", parentName: "orders", name: "a", isFocus: true }),
          node("c2:b.x", { kind: "column", parent: "d2", parentName: "sums", name: "b.x", level: 1 }),
        ],
        [edge("c1:a", "c2:b.x", { columns: [["a", "b.x", "IDENTITY"]] })],
        { level: "column" },
      ),
    );
    expect(found.nodes.map((one) => [one.id, one.name, one.columns?.[0]?.path])).toEqual([
      ["d1", "orders", "a"],
      ["d2", "sums", "b.x"],
    ]);
    expect(found.edges[0]).toMatchObject({ source: "d1", target: "d2", columns: [["a", "b.x", "IDENTITY"]] });
  });
});

describe("the layout", () => {
  it("names a port for each column, and none that does not exist", () => {
    const made = graph([["a", "b"]]);
    addColumns(
      made,
      "b",
      answer(
        [node("b", { columns: [{ path: "id", type: "" }] })],
        [
          edge("a", "b", {
            columns: [
              ["x", "id", ""],
              ["y", "gone", ""],
            ],
          }),
        ],
      ),
    );
    const elk = toElk(picture(made, { ...nothing, columns: new Set(["b"]) }), () => 100);
    const ports = new Set(elk.children?.flatMap((child) => child.ports?.map((port) => port.id) ?? []));
    for (const line of elk.edges ?? [])
      if (line.targets[0]?.startsWith("b|")) expect(ports.has(line.targets[0])).toBe(true);
  });

  it("is read with boxes, frames and paths apart", () => {
    const placed = read({
      id: "root",
      width: 10,
      height: 20,
      children: [{ id: "f", x: 1, y: 2, children: [{ id: "a", x: 3, y: 4, width: 5, height: 6 }] }],
      edges: [
        {
          id: "e",
          sources: [],
          targets: [],
          sections: [{ id: "s", startPoint: { x: 0, y: 0 }, endPoint: { x: 9, y: 0 } }],
        },
      ],
    });
    expect(placed.boxes.get("a")).toEqual({ x: 3, y: 4, width: 5, height: 6 });
    expect(placed.frames.has("f")).toBe(true);
    expect(placed.paths.get("e")).toBe("M0 0L9 0");
  });
});

describe("the state", () => {
  const state = {
    more: ["d1.down", "d2.up"],
    shut: ["d3.up"],
    fold: ["product:x-1"],
    unfold: [],
    columns: ["d12"],
    sel: "d1",
  };

  it("is kept in the address and read back", () => {
    const address = withState("http://x/lineage?focus=dataset:1&depth=3", state);
    expect(readState(new URL(address).search)).toEqual(state);
    expect(new URL(address).searchParams.get("depth")).toBe("3");
    expect(address).toContain("columns=12");
  });

  it("is no part of what the server is asked", () => {
    expect(asked(withState("http://x/lineage?focus=dataset:1", state))).toBe(asked("http://x/lineage?focus=dataset:1"));
    expect(asked("http://x/lineage?focus=dataset:2")).not.toBe(asked("http://x/lineage?focus=dataset:1"));
  });

  it("reads nonsense as nothing", () => {
    expect(readState("?more=x,y.sideways,,d1.up&columns=7").more).toEqual(["d1.up"]);
    expect(readState("?columns=7").columns).toEqual(["d7"]);
  });

  it("puts words in and takes them out", () => {
    expect(toggled(["a"], "b")).toEqual(["a", "b"]);
    expect(toggled(["a", "b"], "a")).toEqual(["b"]);
    expect(toggled(["a"], "a", true)).toEqual(["a"]);
  });
});

describe("the slider", () => {
  it("counts days across a change of the clock", () => {
    expect(daysBetween("2026-10-20", "2026-11-03")).toBe(14);
    expect(dayAfter("2026-10-20", 14)).toBe("2026-11-03");
  });
});
