/** The script of every page: htmx, small behaviours, and the custom elements a page asks for. */
import "./styles/main.css";
import htmx from "htmx.org";
import { copyOnClick } from "./behaviours/copy";
import { guardForms } from "./behaviours/guard";
import { listenForKeys } from "./behaviours/keys";
import { closeMenus } from "./behaviours/menus";
import { unfoldForPrint } from "./behaviours/print";
import { filterTables, openRows } from "./behaviours/tables";
import { toggleTheme } from "./behaviours/theme";
import { addSliders } from "./behaviours/timeline";
import { refreshTimes } from "./behaviours/times";

const elements: Record<string, () => Promise<unknown>> = {
  "lineage-graph": () => import("./elements/lineage-graph"),
  "mesh-map": () => import("./elements/mesh-map"),
  "trend-chart": () => import("./elements/trend-chart"),
};

function loadElements(root: ParentNode): void {
  for (const [name, load] of Object.entries(elements)) {
    if (!customElements.get(name) && root.querySelector(name)) void load();
  }
}

/** Filters start folded on narrow screens, and stay as the person left them while results are exchanged. */
let filtersOpen = false;
function foldFilters(root: ParentNode): void {
  if (window.innerWidth > 860) return;
  for (const fold of root.querySelectorAll<HTMLDetailsElement>("details.facets-fold")) {
    fold.open = filtersOpen;
    fold.addEventListener("toggle", () => (filtersOpen = fold.open));
  }
}

function start(root: ParentNode): void {
  foldFilters(root);
  loadElements(root);
  refreshTimes(root);
  addSliders(root);
  guardForms(root);
}

document.documentElement.classList.add("js");
(window as unknown as { htmx: typeof htmx }).htmx = htmx;
copyOnClick(document);
closeMenus(document);
toggleTheme(document);
listenForKeys(document);
filterTables(document);
openRows(document);
unfoldForPrint(document);
start(document);
const tab = document.querySelector<HTMLElement>(".tabs [aria-current]");
tab?.parentElement?.scrollTo({
  left: tab.offsetLeft - tab.parentElement.clientWidth / 2 + tab.offsetWidth / 2,
});
window.setInterval(() => refreshTimes(document), 30_000);

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content;
  const detail = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
  if (token) detail.headers["X-CSRFToken"] = token;
});
document.addEventListener("htmx:beforeRequest", () => document.body.classList.add("is-loading"));
document.addEventListener("htmx:afterRequest", () => document.body.classList.remove("is-loading"));
document.addEventListener("htmx:load", (event) => start(event.target as Element));
for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failure, () => {
    const line = document.getElementById("request-failed");
    if (line) line.hidden = false;
  });
}
document.addEventListener("htmx:afterOnLoad", () => {
  const line = document.getElementById("request-failed");
  if (line) line.hidden = true;
});
