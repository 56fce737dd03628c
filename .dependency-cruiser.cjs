// Import rules of src/. `npm run check` plants one bad import for each rule and sees it fail (scripts/check-import-rules.ts).
const TEST_FILE = "\\.(test|bench)\\.tsx?$";
const PACKAGE = ["core", "npm", "npm-dev", "npm-optional", "npm-peer", "npm-no-pkg"];
const only = (name, from, allowed, comment) => ({
  name,
  severity: "error",
  comment,
  from: { path: from, pathNot: TEST_FILE },
  to: { path: "^src/", pathNot: allowed },
});
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      comment: "Two modules that need each other are one module, or need a third.",
      from: {},
      to: { circular: true },
    },
    only("shared-stands-alone", "^src/shared/", ["^src/shared/"], "shared is the floor: it imports nothing of ours."),
    only(
      "protocols-on-shared",
      "^src/protocols/",
      ["^src/shared/", "^src/protocols/"],
      "Protocol engines know no process, no socket and no screen.",
    ),
    {
      name: "one-protocol-does-not-know-another",
      severity: "error",
      from: { path: "^src/protocols/([^/]+)/" },
      to: { path: "^src/protocols/", pathNot: ["^src/protocols/$1/", "^src/protocols/bytes/"] },
    },
    {
      name: "universal-has-no-packages",
      severity: "error",
      comment: "Runs in both processes, so it brings nothing with it.",
      from: { path: "^src/(shared|protocols)/", pathNot: [TEST_FILE, "^src/shared/contracts/"] },
      to: { dependencyTypes: PACKAGE },
    },
    {
      name: "contracts-use-zod-only",
      severity: "error",
      from: { path: "^src/shared/contracts/", pathNot: TEST_FILE },
      to: { dependencyTypes: PACKAGE, pathNot: "(^|/)node_modules/zod/" },
    },
    only(
      "main-side",
      "^src/main/",
      ["^src/shared/", "^src/protocols/", "^src/main/"],
      "main never reaches into the renderer.",
    ),
    {
      name: "provider-imports-little",
      severity: "error",
      comment: "A provider is a plug-in: the interface, transport, shared, and itself.",
      from: { path: "^src/main/providers/([^/]+)/", pathNot: TEST_FILE },
      to: {
        path: "^src/",
        pathNot: [
          "^src/main/providers/$1/",
          "^src/main/providers/provider\\.ts$",
          "^src/main/transport/",
          "^src/protocols/",
          "^src/shared/",
        ],
      },
    },
    {
      name: "core-does-not-name-a-provider",
      severity: "error",
      comment: "Only providers/index.ts lists them.",
      from: { path: "^src/main/", pathNot: "^src/main/providers/" },
      to: { path: "^src/main/providers/[^/]+/" },
    },
    {
      name: "electron-only-in-the-shell",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(main/electron|preload)/" },
      to: { path: "^electron$|(^|/)node_modules/electron/" },
    },
    {
      name: "nothing-imports-the-shell",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/main/(electron/|index\\.ts$)" },
      to: { path: "^src/main/electron/" },
    },
    only(
      "renderer-side",
      "^src/renderer/",
      ["^src/shared/", "^src/protocols/", "^src/renderer/"],
      "The renderer talks to main only through shared/contracts.",
    ),
    {
      name: "ui-knows-only-ui",
      severity: "error",
      comment: "ui is plain building blocks.",
      from: { path: "^src/renderer/ui/" },
      to: { path: "^src/", pathNot: "^src/renderer/ui/" },
    },
    {
      name: "sessions-know-no-react-side",
      severity: "error",
      comment: "Live consoles outlive components.",
      from: { path: "^src/renderer/(sessions|screen|input)/" },
      to: { path: "^src/renderer/(features|store|ui)/|(^|/)node_modules/(@types/)?(react|zustand)/" },
    },
    {
      name: "features-stay-above-sessions",
      severity: "error",
      comment: "A component asks a session.",
      from: { path: "^src/renderer/(features|ui)/" },
      to: { path: "^src/(protocols|renderer/(screen|input|host-client))/" },
    },
    {
      name: "one-feature-does-not-know-another",
      severity: "error",
      from: { path: "^src/renderer/features/([^/]+)/" },
      to: { path: "^src/renderer/features/", pathNot: "^src/renderer/features/$1/" },
    },
    {
      name: "product-does-not-import-tests",
      severity: "error",
      from: { path: "^src/", pathNot: "(^src/testing/|\\.(test|bench)\\.tsx?$)" },
      to: { path: "^(src/testing/|e2e/|bench/)|\\.(test|bench)\\.tsx?$" },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "default"],
      extensions: [".ts", ".tsx", ".js"],
    },
  },
};
