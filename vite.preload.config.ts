import { defineConfig } from "vite";

/** A sandboxed preload must be one CommonJS file. */
export default defineConfig({
  build: {
    ssr: true,
    outDir: "dist/preload",
    emptyOutDir: true,
    target: "node22",
    rolldownOptions: {
      input: "src/preload/index.ts",
      external: ["electron"],
      output: { format: "cjs", entryFileNames: "index.cjs" },
    },
  },
  ssr: { noExternal: true },
});
