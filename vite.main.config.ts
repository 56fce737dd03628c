import { defineConfig } from "vite";

/** The host process and its two starters; packages stay outside the bundle. */
export default defineConfig({
  build: {
    ssr: true,
    outDir: "dist/main",
    emptyOutDir: true,
    target: "node22",
    rolldownOptions: {
      input: { index: "src/main/index.ts", web: "src/main/web.ts" },
      external: ["electron"],
      output: { entryFileNames: "[name].js" },
    },
  },
  ssr: { target: "node" },
});
