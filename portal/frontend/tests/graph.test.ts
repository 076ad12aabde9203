import { describe, expect, it, vi } from "vitest";
import type { Answer, Edge, Node } from "../src/graph/answer";
import type { Asker } from "../src/graph/ask";
import { handlesOf } from "../src/graph/handles";
import { type Keys, neighbourAt, press } from "../src/graph/keyboard";
import type { Placed } from "../src/graph/layout";
import { GraphLoader } from "../src/graph/loader";
import { picture } from "../src/graph/picture";
import { readState } from "../src/graph/state";

function node(id: string, level: number, more: Partial<Node> = {}): Node {
  return {
    id,
    kind: "dataset",
    name: id,
    level,
    isFocus: level === 0,
    parent: null,
    product: null,
    domain: null,
    url: `/${id}`,
    status: "ok",
    more: { upstream: 0, downstream: 0, atLeast: false },
    ...more,
  } as Node;
}

function edge(id: string, source: string, target: string): Edge {
  return { id, source, target, kind: "sql", change: null, job: null } as Edge;
}

function answer(nodes: Node[], edges: Edge[]): Answer {
  return { level: "dataset", nodes, edges, truncated: null } as unknown as Answer;
}

const nothingAsked = { beside: vi.fn(), columns: vi.fn() } as unknown as Asker;

async function loaded(given: Answer, search = "", asker = nothingAsked): Promise<GraphLoader> {
  const loader = new GraphLoader(given, asker);
  await loader.load(readState(search));
  return loader;
}

const everything = { fold: new Set<string>(), unfold: new Set<string>(), columns: new Set<string>() };

describe("handles", () => {
  it("offer what is not drawn yet, and to shut what is", async () => {
    const more = { upstream: 3, downstream: 0, atLeast: true };
    const given = answer([node("a", 0, { more }), node("b", 1)], [edge("e", "a", "b")]);
    const { graph } = await loaded(given);
    const drawn = picture(graph, everything);
    expect(handlesOf(drawn.boxes.get("a")!, graph, drawn, [])).toEqual([
      { side: "up", more: 3, atLeast: true },
      { side: "down", more: 0, atLeast: false },
    ]);
    expect(handlesOf(drawn.boxes.get("b")!, graph, drawn, [])).toEqual([]);
  });

  it("say nothing of what is restricted", async () => {
    const more = { upstream: 3, downstream: 0, atLeast: false };
    const { graph } = await loaded(answer([node("a", 0, { kind: "restricted", more })], []));
    const drawn = picture(graph, everything);
    expect(handlesOf(drawn.boxes.get("a")!, graph, drawn, [])).toEqual([]);
  });
});

describe("loader", () => {
  it("asks for each expansion once", async () => {
    const beside = vi.fn(async () => answer([node("c", 2)], [edge("f", "b", "c")]));
    const asker = { beside, columns: vi.fn() } as unknown as Asker;
    const loader = new GraphLoader(answer([node("a", 0), node("b", 1)], [edge("e", "a", "b")]), asker);
    const state = { ...readState(""), more: ["b.down"] };
    await loader.load(state);
    await loader.load(state);
    expect(beside).toHaveBeenCalledTimes(1);
    expect([...loader.graph.nodes.keys()]).toEqual(["a", "b", "c"]);
  });
});

describe("keys", () => {
  const box = (x: number, y: number) => ({ x, y, width: 100, height: 40 });
  const placed = {
    boxes: new Map([
      ["a", box(0, 0)],
      ["b", box(300, 0)],
      ["c", box(300, 90)],
      ["far", box(900, 40)],
    ]),
  } as unknown as Placed;
  const lines = [
    { id: "1", source: "a", target: "b" },
    { id: "2", source: "a", target: "c" },
  ] as never[];

  it("follow edges left and right, and stay in their layer up and down", () => {
    expect(neighbourAt("a", "ArrowRight", lines, placed)).toBe("b");
    expect(neighbourAt("c", "ArrowLeft", lines, placed)).toBe("a");
    expect(neighbourAt("b", "ArrowDown", lines, placed)).toBe("c");
    expect(neighbourAt("a", "ArrowDown", lines, placed)).toBeUndefined();
  });

  function pressed(key: string, on: Element, isOpen = false): [string[], boolean] {
    const done: string[] = [];
    const note =
      (name: string) =>
      (...given: string[]): void =>
        void done.push([name, ...given].join(" "));
    const keys: Keys = {
      close: () => isOpen && done.push("close") > 0,
      zoomIn: note("zoomIn"),
      zoomOut: note("zoomOut"),
      showAll: note("showAll"),
      open: note("open"),
      select: note("select"),
      expand: note("expand"),
      columns: note("columns"),
      walk: note("walk"),
    };
    const event = new KeyboardEvent("keydown", { key, cancelable: true });
    Object.defineProperty(event, "target", { value: on });
    press(event, keys);
    return [done, event.defaultPrevented];
  }

  it("act on the box with the focus, and leave all others to the browser", () => {
    const part = document.createElementNS("http://www.w3.org/2000/svg", "g");
    part.dataset.id = "7";
    expect(pressed("Enter", part)).toEqual([["open 7"], true]);
    expect(pressed("e", part)).toEqual([["expand 7"], true]);
    expect(pressed("ArrowLeft", part)).toEqual([["walk 7 ArrowLeft"], true]);
    expect(pressed("+", part)).toEqual([["zoomIn"], true]);
    expect(pressed("x", part)).toEqual([[], false]);
  });

  it("do not act while somebody types, but Escape closes the panel", () => {
    const field = document.createElement("input");
    expect(pressed("e", field)).toEqual([[], false]);
    expect(pressed("Escape", field, true)).toEqual([["close"], true]);
    expect(pressed("Escape", field)).toEqual([[], false]);
  });
});
