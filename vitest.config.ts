import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "src/**/*.test.tsx", "scripts/**/*.test.ts"],
    // A page's globals only where a test asks for them: `// @vitest-environment jsdom`.
    environment: "node",
    testTimeout: 15_000,
  },
});
