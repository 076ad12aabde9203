/** Asking: the graph a state names, put together from the page's answer and further questions to the server. */
import type { Answer } from "./answer";
import type { Asker } from "./ask";
import { addColumns, assemble, type Graph, splitKey } from "./model";
import type { State } from "./state";

export class GraphLoader {
  /** What is known so far: what the page carries, until more was asked. */
  graph: Graph = { nodes: new Map(), edges: new Map() };
  private readonly expansions = new Map<string, Answer>();
  private readonly columnAnswers = new Map<string, Answer>();

  constructor(
    private readonly base: Answer,
    private readonly asker: Asker,
  ) {}

  /** Fetch what the state asks for and put it together; throws where the server does not answer. */
  async load(state: State): Promise<void> {
    await this.fetchExpansions(state.more);
    this.graph = assemble(this.base, this.expansions, state.more);
    await this.fetchColumns(state.columns);
  }

  private async fetchExpansions(keys: string[]): Promise<void> {
    for (const key of keys) {
      if (this.expansions.has(key)) continue;
      const node = assemble(this.base, this.expansions, keys).nodes.get(splitKey(key)[0]);
      if (node) this.expansions.set(key, await this.asker.beside(key, node));
    }
  }

  private async fetchColumns(ids: string[]): Promise<void> {
    if (this.base.level !== "dataset") return;
    const wanted = ids.filter((id) => this.graph.nodes.get(id)?.kind === "dataset");
    const missing = wanted.filter((id) => !this.columnAnswers.has(id));
    await Promise.all(missing.map(async (id) => this.columnAnswers.set(id, await this.asker.columns(id))));
    for (const id of wanted) addColumns(this.graph, id, this.columnAnswers.get(id)!);
  }
}
