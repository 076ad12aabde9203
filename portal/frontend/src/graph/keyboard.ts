/** Keys: what each does in the graph, and where the arrows lead. */
import type { Placed } from "./layout";
import type { Line } from "./picture";

/** Boxes whose middles differ less than this stand in the same layer. */
const SAME_LAYER = 150;

export interface Keys {
  /** Close the panel; false where none is open. */
  close(): boolean;
  zoomIn(): void;
  zoomOut(): void;
  showAll(): void;
  open(id: string): void;
  select(id: string): void;
  expand(id: string): void;
  columns(id: string): void;
  walk(id: string, key: string): void;
}

/** Do what a key means; the event goes no further when it meant something. */
export function press(event: KeyboardEvent, keys: Keys): void {
  if (!isMeant(event, keys)) return;
  event.preventDefault();
  event.stopPropagation();
}

function isMeant(event: KeyboardEvent, keys: Keys): boolean {
  const target = event.target as HTMLElement | SVGElement;
  if (event.key === "Escape" && keys.close()) return true;
  if (target instanceof HTMLElement || event.ctrlKey || event.metaKey || event.altKey) return false;
  return zooms(event.key, keys) || actsOn(target.dataset.id, event.key, keys);
}

function zooms(key: string, keys: Keys): boolean {
  if (key === "+" || key === "=") keys.zoomIn();
  else if (key === "-") keys.zoomOut();
  else if (key === "0") keys.showAll();
  else return false;
  return true;
}

function actsOn(id: string | undefined, key: string, keys: Keys): boolean {
  if (!id) return false;
  if (key === "Enter") keys.open(id);
  else if (key === " ") keys.select(id);
  else if (key === "e") keys.expand(id);
  else if (key === "c") keys.columns(id);
  else if (key.startsWith("Arrow")) keys.walk(id, key);
  else return false;
  return true;
}

/** Left and right follow edges; up and down go to the nearest box of the same layer. */
export function neighbourAt(id: string, key: string, lines: Line[], placed: Placed | undefined): string | undefined {
  const boxes = placed?.boxes;
  const here = boxes?.get(id);
  if (!boxes || !here) return undefined;
  const far = (other: string): number => Math.abs((boxes.get(other)?.y ?? 0) - here.y);
  const nearest = (ids: string[]): string | undefined =>
    ids.filter((one) => one !== id).sort((a, b) => far(a) - far(b))[0];
  if (key === "ArrowRight") return nearest(lines.filter((one) => one.source === id).map((one) => one.target));
  if (key === "ArrowLeft") return nearest(lines.filter((one) => one.target === id).map((one) => one.source));
  const middle = here.x + here.width / 2;
  const isBeyond = (y: number): boolean => (key === "ArrowDown" ? y > here.y : y < here.y);
  const layer = [...boxes].filter(([, box]) => Math.abs(box.x + box.width / 2 - middle) < SAME_LAYER);
  return nearest(layer.filter(([, box]) => isBeyond(box.y)).map(([other]) => other));
}
