import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { WebSocket } from "ws";
import { startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";

function run(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["bin/switchyard.mjs", ...args], {
    encoding: "utf8",
    timeout: 60_000,
  });
  return { code: status, out: stdout, err: stderr };
}

test.describe("the command line", () => {
  test.beforeAll(() => {
    // Builds what is stale, so that no test meets the line that says so.
    run("--version");
  });

  test("answers wrong use with one clear line and exit code 2", () => {
    expect(run("--bogus")).toEqual({ code: 2, out: "", err: "Unknown option '--bogus' (see --help)\n" });
    expect(run("--port", "70000").err).toBe("--port takes a number from 0 to 65535, not “70000” (see --help)\n");
    expect(run("--web", "--connect", "gopher://x")).toMatchObject({ code: 2, out: "" });
    expect(run("--web", "--connect", "gopher://x").err.trim().split("\n").at(-1)).toContain(
      "“gopher://x” is not an address",
    );
  });

  test("prints version and help", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(run("--version")).toEqual({ code: 0, out: `${version}\n`, err: "" });
    expect(run("--help").out).toContain("--connect URI");
  });

  test("lists hosts, guests, states and consoles, and exits 1 with a reason when a host fails", () => {
    const config = mkdtempSync(join(tmpdir(), "switchyard-list-"));
    const listed = run("list", "--json", "--demo", "--config", config);
    const { hosts } = JSON.parse(listed.out) as { hosts: { guests: { name: string; state: string }[] }[] };
    expect(listed.code).toBe(0);
    expect(hosts[0]?.guests).toContainEqual(expect.objectContaining({ name: "yard", state: "running" }));

    const failed = run("list", "--config", config, "--connect", "qmp+unix:///nowhere/qmp.sock");
    expect(failed.code).toBe(1);
    expect(failed.err).toContain("/nowhere/qmp.sock");
  });

  test("prints exactly one line on stdout with --web", async () => {
    const switchyard = await startSwitchyard({ args: ["--demo"] });
    const lines = switchyard.process
      .output()
      .split("\n")
      .filter((line) => line.startsWith("Switchyard is at "));
    expect(lines).toHaveLength(1);
    await switchyard.stop();
  });

  test("sets a broken settings file aside, says so, and starts", async ({ page }) => {
    const configFolder = mkdtempSync(join(tmpdir(), "switchyard-broken-"));
    writeFileSync(join(configFolder, "settings.json"), '{"version": 1, "theme": "plaid"}');
    const switchyard = await startSwitchyard({ configFolder, args: ["--demo"] });
    await AppPage.open(page, switchyard.address);
    await expect(page.getByText(/settings file could not be read/i)).toBeVisible();
    const aside = readdirSync(configFolder).find((name) => name.startsWith("settings.json.broken-"));
    expect(readFileSync(join(configFolder, aside ?? ""), "utf8")).toContain("plaid");
    await switchyard.stop();
  });
});

test.describe("the gateway", () => {
  let switchyard: Switchyard;
  let origin: string;
  let token: string;

  test.beforeAll(async () => {
    switchyard = await startSwitchyard({ args: ["--demo"] });
    const url = new URL(switchyard.address);
    origin = url.origin;
    token = url.hash.slice(1);
  });

  test.afterAll(async () => {
    await switchyard.stop();
  });

  const trade = async (body: string, headers: Record<string, string>): Promise<Response> =>
    await fetch(`${origin}/session`, { method: "POST", body, headers });

  /** "open", or the status that refused it. */
  const tryWebSocket = async (
    path: string,
    headers: Record<string, string>,
    protocols: string[] = [],
  ): Promise<string> =>
    await new Promise((resolve) => {
      const socket = new WebSocket(`${origin.replace("http", "ws")}${path}`, protocols, { headers });
      socket.once("open", () => {
        socket.terminate();
        resolve("open");
      });
      socket.once("unexpected-response", (_, response) => {
        resolve(String(response.statusCode));
      });
      socket.once("error", () => undefined);
    });

  test("shows nothing to a page without the token", async ({ page }) => {
    await page.goto(origin);
    await expect(page.getByRole("treeitem")).toHaveCount(0);
    expect(await tryWebSocket("/api", { Origin: origin })).toBe("401");
  });

  test("refuses a wrong token, a foreign Origin and a foreign Host", async () => {
    expect((await trade("x".repeat(43), { Origin: origin })).status).toBe(401);
    expect((await trade(token, { Origin: "http://evil.example" })).status).toBe(403);
    expect((await trade(token, {})).status).toBe(403);
    const cookie = (await trade(token, { Origin: origin })).headers.get("set-cookie")?.split(";")[0] ?? "";
    expect(await tryWebSocket("/api", { Origin: origin, Cookie: cookie })).toBe("open");
    expect(await tryWebSocket("/api", { Origin: "http://evil.example", Cookie: cookie })).toBe("403");
    expect(await tryWebSocket("/api", { Origin: origin, Cookie: cookie, Host: "evil.example" })).toBe("403");
    expect(await tryWebSocket("/api", { Cookie: cookie })).toBe("403");
  });

  test("refuses a ticket that it never gave, and one that was used", async ({ page }) => {
    const tickets: string[] = [];
    page.on("websocket", (socket) => {
      if (socket.url().endsWith("/api")) {
        socket.on("framereceived", ({ payload }) => {
          const ticket = /"ticket":"([^"]+)"/.exec(payload.toString())?.[1];
          if (ticket !== undefined) tickets.push(ticket);
        });
      }
    });
    const app = await AppPage.open(page, switchyard.address);
    await app.openGuest("yard");
    await app.expectLive();
    const [cookie] = await page.context().cookies();
    const headers = { Origin: origin, Cookie: `${cookie?.name ?? ""}=${cookie?.value ?? ""}` };
    expect(tickets).toHaveLength(1);
    expect(await tryWebSocket("/stream", headers, ["switchyard.stream.v1", tickets[0] ?? ""])).toBe("403");
    expect(await tryWebSocket("/stream", headers, ["switchyard.stream.v1", "never"])).toBe("403");
  });

  test("takes the token out of the address, and keeps it out of log and command line", async ({ page }) => {
    await AppPage.open(page, switchyard.address);
    expect(page.url()).toBe(`${origin}/`);
    const written = switchyard.everythingWritten().replace(switchyard.address, "");
    expect(written).not.toContain(token);
    expect(readFileSync(`/proc/${switchyard.process.pid}/cmdline`, "utf8")).not.toContain(token);
  });
});
