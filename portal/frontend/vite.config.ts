import { defineConfig } from "vitest/config";

/** Fixed file names: the server names them in its templates, and asks browsers to revalidate. */
export default defineConfig({
  base: "./",
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: false,
    target: ["chrome123", "firefox121", "safari17.5"],
    cssTarget: ["chrome123", "firefox121", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: false,
    rollupOptions: {
      // htmx carries an eval that its `allowEval:false` never reaches; the content policy forbids it besides.
      checks: { eval: false },
      input: { gazetteer: "src/main.ts" },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "[name].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts"] },
});
