/**
 * Plants one bad import for each import rule in a copy of a toy tree and sees that exactly this rule catches it.
 * A rule that nobody has seen fail is not yet a rule.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** Rule → the files of a tree that breaks it. A file that is only imported is made empty. */
const PLANTED: Record<string, Record<string, string>> = {
  "no-cycles": { "src/shared/a.ts": 'import "./b.ts"; export {};', "src/shared/b.ts": 'import "./a.ts"; export {};' },
  "shared-stands-alone": { "src/shared/a.ts": 'import "../main/b.ts";', "src/main/b.ts": "export {};" },
  "protocols-on-shared": { "src/protocols/rfb/a.ts": 'import "../../main/b.ts";', "src/main/b.ts": "export {};" },
  "one-protocol-does-not-know-another": {
    "src/protocols/rfb/a.ts": 'import "../qmp/b.ts";',
    "src/protocols/qmp/b.ts": "export {};",
  },
  "universal-has-no-packages": { "src/shared/a.ts": 'import "zod";' },
  "contracts-use-zod-only": { "src/shared/contracts/a.ts": 'import "ws";' },
  "main-side": { "src/main/a.ts": 'import "../renderer/b.ts";', "src/renderer/b.ts": "export {};" },
  "provider-imports-little": {
    "src/main/providers/x/a.ts": 'import "../../gateway/b.ts";',
    "src/main/gateway/b.ts": "export {};",
  },
  "core-does-not-name-a-provider": {
    "src/main/a.ts": 'import "./providers/x/b.ts";',
    "src/main/providers/x/b.ts": "export {};",
  },
  "electron-only-in-the-shell": { "src/main/a.ts": 'import "electron";' },
  "nothing-imports-the-shell": { "src/main/a.ts": 'import "./electron/b.ts";', "src/main/electron/b.ts": "export {};" },
  "renderer-side": { "src/renderer/a.ts": 'import "../main/b.ts";', "src/main/b.ts": "export {};" },
  "ui-knows-only-ui": { "src/renderer/ui/a.ts": 'import "../store/b.ts";', "src/renderer/store/b.ts": "export {};" },
  "sessions-know-no-react-side": { "src/renderer/sessions/a.ts": 'import "react";' },
  "features-stay-above-sessions": {
    "src/renderer/features/x/a.ts": 'import "../../host-client/b.ts";',
    "src/renderer/host-client/b.ts": "export {};",
  },
  "one-feature-does-not-know-another": {
    "src/renderer/features/x/a.ts": 'import "../y/b.ts";',
    "src/renderer/features/y/b.ts": "export {};",
  },
  "product-does-not-import-tests": { "src/main/a.ts": 'import "../testing/b.ts";', "src/testing/b.ts": "export {};" },
};

const configFile = resolve(".dependency-cruiser.cjs");
const { forbidden } = createRequire(import.meta.url)(configFile) as { forbidden: { name: string }[] };
const problems: string[] = [];
for (const { name } of forbidden) {
  const files = PLANTED[name];
  if (files === undefined) {
    problems.push(`${name}: no planted fault`);
    continue;
  }
  const folder = mkdtempSync(join(tmpdir(), "import-rules-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    for (const shared of ["node_modules", "package.json", "tsconfig.base.json"])
      symlinkSync(resolve(shared), join(folder, shared));
    const { stdout } = spawnSync(
      resolve("node_modules/.bin/depcruise"),
      ["--config", configFile, "--output-type", "json", "src"],
      {
        cwd: folder,
        encoding: "utf8",
      },
    );
    const { summary } = JSON.parse(stdout) as { summary: { violations: { rule: { name: string } }[] } };
    const caught = new Set(summary.violations.map((violation) => violation.rule.name));
    if (!caught.has(name))
      problems.push(`${name}: its planted fault was not caught (caught: ${[...caught].join(", ") || "none"})`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
for (const name of Object.keys(PLANTED)) {
  if (!forbidden.some((rule) => rule.name === name)) problems.push(`${name}: planted, but there is no such rule`);
}
if (problems.length > 0) {
  console.log(problems.join("\n"));
  process.exit(1);
}
console.log(`${forbidden.length} import rules, each seen to catch its planted fault`);
