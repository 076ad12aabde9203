/** The handles of a box: which of its sides can be expanded, and which shut. */
import type { Side } from "./answer";
import type { Handle } from "./draw";
import { type Graph, keyOf, neighbours } from "./model";
import type { Box, Picture } from "./picture";

export function handlesOf(box: Box, graph: Graph, drawn: Picture, shut: string[]): Handle[] {
  if (box.node.kind === "restricted" || box.count > 1) return [];
  return (["up", "down"] as const).flatMap((side) => handleOf(box, side, graph, drawn, shut));
}

function handleOf({ id, node }: Box, side: Side, graph: Graph, drawn: Picture, shut: string[]): Handle[] {
  const left = side === "up" ? node.more.upstream : node.more.downstream;
  const all = neighbours(graph, id, side);
  const isShut = shut.includes(keyOf(id, side));
  const hidden = isShut ? all.filter((one) => !drawn.boxes.has(one)).length || all.length : 0;
  if (left || hidden) return [{ side, more: left + hidden, atLeast: node.more.atLeast }];
  const isOuter = side === "up" ? node.level <= 0 : node.level >= 0;
  return all.length && isOuter ? [{ side, more: 0, atLeast: false }] : [];
}
