// Collect the icons named in src/icons.json from the icon set into one SVG sprite.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const names = JSON.parse(readFileSync(join(root, "src/icons.json"), "utf8"));
const symbols = names.map((name) => {
  const path = join(root, "node_modules/lucide-static/icons", `${name}.svg`);
  if (!existsSync(path)) throw new Error(`src/icons.json names ${name}, which the icon set does not have`);
  const svg = readFileSync(path, "utf8");
  const body = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  return `<symbol id="${name}" viewBox="0 0 24 24">${body.replace(/\s*\n\s*/g, "")}</symbol>`;
});
mkdirSync(join(root, "dist"), { recursive: true });
writeFileSync(join(root, "dist/sprite.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
