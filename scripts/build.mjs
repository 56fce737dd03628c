/** Builds the page, the host process and the preload script into dist/. */
import { build } from "vite";

for (const configFile of ["vite.renderer.config.ts", "vite.main.config.ts", "vite.preload.config.ts"]) {
  await build({ configFile, logLevel: "warn" });
}
