/** The panel beside the graph: what a selected box or line is. */
import type { Edge, Page } from "./answer";
import { focusOf } from "./ask";
import { nameFor, subOf, WORDS } from "./draw";
import type { Box, Line, Picture } from "./picture";

export interface Acts {
  close(): void;
  choose(id: string): void;
  columns(id: string): void;
  unfold(id: string): void;
}

type Part = globalThis.Node | string;

export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string> = {},
  ...children: Part[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

export function fillWithBox(
  panel: HTMLElement,
  box: Box,
  drawn: Picture,
  page: Page,
  acts: Acts,
  hasColumns: boolean,
): void {
  const { node } = box;
  const parts: Part[] = [head(node.kind === "restricted" ? "Restricted" : node.name, acts)];
  if (node.kind === "restricted") {
    parts.push(
      make(
        "p",
        { class: "small muted" },
        "Something you may not see stands here. The paths through it are true; its name is not told.",
      ),
    );
  } else {
    parts.push(
      make(
        "p",
        { class: "small muted" },
        [subOf(box), node.product?.name, node.domain?.name]
          .filter((one, at, all) => one && all.indexOf(one) === at)
          .join(" · "),
      ),
    );
    parts.push(buttons(box, page, acts, hasColumns));
  }
  parts.push(...ends("Reads", "up", box, drawn, acts), ...ends("Feeds", "down", box, drawn, acts));
  panel.replaceChildren(...parts);
  panel.setAttribute("aria-label", nameFor(box, []));
}

function buttons(box: Box, page: Page, acts: Acts, hasColumns: boolean): HTMLElement {
  const row = make("div", { class: "row panel-acts" });
  const { node } = box;
  if (node.url) row.append(make("a", { class: "btn btn-s", href: node.url }, "Open page"));
  if (box.count > 1) row.append(act("Open it up", () => acts.unfold(box.id)));
  else if (!node.isFocus && node.kind !== "domain")
    row.append(
      make(
        "a",
        { class: "btn btn-s", href: `${page.explorer}?focus=${encodeURIComponent(focusOf(node))}` },
        "Start here",
      ),
    );
  if (node.kind === "dataset" && box.count === 1)
    row.append(act(hasColumns ? "Hide columns" : "Columns", () => acts.columns(box.id)));
  if (box.count === 1 && (node.kind === "dataset" || node.kind === "product"))
    row.append(
      make(
        "a",
        { class: "btn btn-s", href: `${page.explorer}/impact?focus=${encodeURIComponent(focusOf(node))}` },
        "What breaks",
      ),
    );
  return row;
}

function act(text: string, run: () => void): HTMLElement {
  const button = make("button", { type: "button", class: "btn btn-s" }, text);
  button.addEventListener("click", run);
  return button;
}

function head(text: string, acts: Acts): HTMLElement {
  const close = make(
    "button",
    { type: "button", class: "btn btn-quiet btn-icon btn-s", "aria-label": "Close", title: "Close (Esc)" },
    "×",
  );
  close.addEventListener("click", acts.close);
  return make("div", { class: "graph-panel-head" }, make("h2", { tabindex: "-1" }, text), close);
}

function ends(title: string, side: "up" | "down", box: Box, drawn: Picture, acts: Acts): Part[] {
  const seen = new Map<string, Line>();
  for (const line of drawn.lines) {
    const [here, there] = side === "up" ? [line.target, line.source] : [line.source, line.target];
    if (here === box.id && !line.isRelation && !seen.has(there)) seen.set(there, line);
  }
  if (!seen.size) return [];
  const list = make("ul", { class: "graph-panel-list" });
  for (const [id, line] of [...seen].slice(0, 40)) {
    const other = drawn.boxes.get(id);
    if (!other) continue;
    const name = make("button", { type: "button", class: "link-btn" }, other.node.name);
    name.addEventListener("click", () => acts.choose(id));
    const how = make("button", { type: "button", class: "link-btn faint tiny" }, WORDS[line.kind] ?? line.kind);
    how.addEventListener("click", () => acts.choose(line.id));
    list.append(make("li", {}, name, how));
  }
  return [make("h3", {}, `${title} ${seen.size}`), list];
}

/** Show what is known of a line; statements and runs come from the page of the edge. */
export function fillWithLine(panel: HTMLElement, line: Line, drawn: Picture, page: Page, acts: Acts): void {
  const [from, to] = [drawn.boxes.get(line.source)?.node.name ?? "", drawn.boxes.get(line.target)?.node.name ?? ""];
  const column = (path: string): string => (path ? `.${path}` : "");
  const parts: Part[] = [head(`${from}${column(line.up)} → ${to}${column(line.down)}`, acts)];
  if (line.isRelation)
    parts.push(
      make("p", { class: "small muted" }, "A relation, not a flow: the one refers to the other by a foreign key."),
    );
  const own = line.edges.slice(0, 5);
  for (const edge of own) parts.push(body(edge, page));
  if (line.edges.length > own.length)
    parts.push(
      make(
        "p",
        { class: "small muted" },
        `${line.edges.length - own.length} more flows between them; the table has all.`,
      ),
    );
  panel.replaceChildren(...parts);
  panel.setAttribute("aria-label", `From ${from} to ${to}`);
}

function body(edge: Edge, page: Page): HTMLElement {
  const place = make("div", { class: "graph-panel-edge" });
  place.append(facts(edge));
  const number = /^e(\d+)/.exec(edge.id)?.[1];
  if (number && edge.kind !== "restricted") void load(place, `${page.edge}${number}`);
  return place;
}

function facts(edge: Edge): HTMLElement {
  const list = make("dl", { class: "facts" });
  const put = (name: string, text: string | null | undefined): void => {
    if (text) list.append(make("dt", {}, name), make("dd", {}, text));
  };
  put("How", edge.kind === "restricted" ? "Through something you may not see" : (WORDS[edge.kind] ?? edge.kind));
  if (edge.job)
    list.append(make("dt", {}, "Job"), make("dd", {}, make("a", { href: `/jobs/${edge.job.id}` }, edge.job.name)));
  put("Says", edge.origin);
  put("First seen", day(edge.firstSeenAt));
  put("Last seen", day(edge.lastSeenAt));
  put("Ended", day(edge.endedAt));
  return list;
}

function day(moment: string | null): string {
  return moment
    ? new Date(moment).toLocaleString("en-GB", {
        day: "numeric",
        month: "short",
        year: "numeric",
        hour: "2-digit",
        minute: "2-digit",
      })
    : "";
}

async function load(place: HTMLElement, address: string): Promise<void> {
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => undefined);
  if (!answer?.ok) return;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".edge-facts");
  if (found) place.replaceChildren(document.importNode(found, true));
}
