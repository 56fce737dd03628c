import { defineConfig } from "@playwright/test";

/** The true program in a real Chromium against real QEMU, libvirt, sshd and VNC servers. */
export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  // The pictures of README are made on request: `npm run screenshots`.
  ...(process.env.SWITCHYARD_SCREENSHOTS === "1" ? { grep: /@screenshots/ } : { grepInvert: /@screenshots/ }),
  // Guests run under emulation on the same two cores.
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  retries: process.env.CI === undefined ? 0 : 1,
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME === undefined ? "list" : [["list"], ["json"]],
  outputDir: "test-results",
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 800 },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
