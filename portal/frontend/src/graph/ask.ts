/** Questions to the server, each asked once. */
import { type Answer, byDataset, type Node, type Page, type Side } from "./answer";
import { splitKey } from "./model";

export class Asker {
  private readonly kept = new Map<string, Promise<Answer>>();

  constructor(
    private readonly page: Page,
    private readonly level: Answer["level"],
  ) {}

  /** What stands next to a node on one side. */
  async beside(key: string, node: Node): Promise<Answer> {
    const [, side] = splitKey(key);
    if (this.level !== "column") return this.ask(focusOf(node), side);
    const columns = (node.columns ?? []).slice(0, 12);
    const parts = await Promise.all(
      columns.map((column) => this.ask(`column:${node.id.slice(1)}:${column.path}`, side)),
    );
    return {
      ...parts[0]!,
      nodes: parts.flatMap((one) => one.nodes),
      edges: parts.flatMap((one) => one.edges),
    };
  }

  /** A dataset with its columns, and its edges with theirs. */
  columns(id: string): Promise<Answer> {
    return this.fetch({
      focus: `dataset:${id.slice(1)}`,
      level: "dataset",
      direction: "both",
      depth: "1",
      columnsOf: id.slice(1),
    });
  }

  private ask(focus: string, side: Side): Promise<Answer> {
    return this.fetch({
      focus,
      level: this.level,
      direction: side === "up" ? "upstream" : "downstream",
      depth: "1",
    });
  }

  private fetch(asked: Record<string, string>): Promise<Answer> {
    const address = `${this.page.rest}?${new URLSearchParams({ ...this.page.query, ...asked }).toString()}`;
    const known = this.kept.get(address);
    if (known) return known;
    const coming = fetch(address, { headers: { Accept: "application/json" } }).then(async (answer) => {
      if (!answer.ok) throw new Error(`${answer.status}`);
      return byDataset((await answer.json()) as Answer);
    });
    coming.catch(() => this.kept.delete(address));
    this.kept.set(address, coming);
    return coming;
  }
}

/** The address of a node in the explorer. */
export function focusOf(node: Node): string {
  if (node.kind === "product" && node.product) return `product:${node.product.id}`;
  return `${node.kind === "job" ? "job" : "dataset"}:${node.id.slice(1)}`;
}
