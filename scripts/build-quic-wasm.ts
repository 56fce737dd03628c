/**
 * Compiles QUIC's rows from AssemblyScript to WebAssembly and writes them as a module: `node scripts/build-quic-wasm.ts`, after a
 * change of quic-rows.as. The compiler comes from npm for this once and is no dependency: it is large, and what it makes is kept.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const COMPILER = "assemblyscript@0.28.20";
const SOURCE = "src/protocols/spice/codecs/quic-wasm/quic-rows.as";
const OUTPUT = "src/protocols/spice/codecs/quic-wasm/quic-wasm-code.ts";
const LINE = 116;

const folder = mkdtempSync(join(tmpdir(), "switchyard-quic-"));
try {
  copyFileSync(SOURCE, join(folder, "rows.ts"));
  const options = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "bulk-memory", "--importMemory"];
  execFileSync(
    "npm",
    ["exec", "--yes", `--package=${COMPILER}`, "--", "asc", "rows.ts", ...options, "-o", "rows.wasm"],
    {
      cwd: folder,
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  const hex = readFileSync(join(folder, "rows.wasm")).toString("hex");
  const lines = Array.from({ length: Math.ceil(hex.length / LINE) }, (_, i) => hex.slice(i * LINE, (i + 1) * LINE));
  const hash = createHash("sha256").update(readFileSync(SOURCE)).digest("hex");
  writeFileSync(
    OUTPUT,
    `/** Made by scripts/build-quic-wasm.ts from quic-rows.as with ${COMPILER}. */

/** SHA-256 of the source that this was made from. */
export const QUIC_WASM_SOURCE_SHA256 = "${hash}";

/** The WebAssembly module, in hexadecimal digits. */
export const QUIC_WASM_HEX = [
${lines.map((line) => `  "${line}",`).join("\n")}
].join("");
`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
