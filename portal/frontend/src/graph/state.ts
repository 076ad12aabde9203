/** What a person did to the graph, kept in the address: every view is a link. */
export interface State {
  /** Expanded: `d12.down`. */
  more: string[];
  /** Shut: what is reached only that way is not drawn. */
  shut: string[];
  fold: string[];
  unfold: string[];
  /** Datasets shown with their columns: `d12`. */
  columns: string[];
  /** The selected node (`d12`) or line. */
  sel: string;
}

const LISTS = ["more", "shut", "fold", "unfold", "columns"] as const;
const OWN: readonly string[] = [...LISTS, "sel"];
const MOST = 200;

export function readState(search: string): State {
  const query = new URLSearchParams(search);
  const list = (name: string): string[] => (query.get(name) ?? "").split(",").filter(Boolean).slice(0, MOST);
  return {
    more: list("more").filter((key) => /^.+\.(up|down)$/.test(key)),
    shut: list("shut").filter((key) => /^.+\.(up|down)$/.test(key)),
    fold: list("fold"),
    unfold: list("unfold"),
    columns: list("columns").map((id) => (/^\d+$/.test(id) ? `d${id}` : id)),
    sel: query.get("sel") ?? "",
  };
}

/** The same address with this state in it. */
export function withState(address: string, state: State): string {
  const url = new URL(address);
  for (const name of OWN) url.searchParams.delete(name);
  for (const name of LISTS) {
    const words = name === "columns" ? state.columns.map((id) => id.replace(/^d/, "")) : state[name];
    if (words.length) url.searchParams.set(name, words.join(","));
  }
  if (state.sel) url.searchParams.set("sel", state.sel);
  return url.href.replace(/%2C/gi, ",").replace(/%3A/gi, ":");
}

/** What the server answers to: the address without this element's own part. */
export function asked(address: string): string {
  const url = new URL(address);
  for (const name of OWN) url.searchParams.delete(name);
  url.searchParams.sort();
  url.hash = "";
  return url.href;
}

/** Put a word into a list or take it out. */
export function toggled(list: string[], word: string, isIn = !list.includes(word)): string[] {
  const rest = list.filter((one) => one !== word);
  return isIn ? [...rest, word] : rest;
}
