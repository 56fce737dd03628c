import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The page: one bundle that the gateway serves. */
export default defineConfig({
  root: "src/renderer",
  base: "./",
  plugins: [react()],
  worker: { format: "es" },
  build: {
    outDir: "../../dist/renderer",
    emptyOutDir: true,
    target: "chrome140",
    // Inlined assets would need data: in more places of the CSP.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
});
