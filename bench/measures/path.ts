import { type Page } from "playwright";
import { freePort } from "../../e2e/lab/free-port.ts";
import { startProcess, until, untilListening } from "../../e2e/lab/child-process.ts";
import { startSwitchyard } from "../../e2e/lab/switchyard.ts";
import { AppPage } from "../../e2e/pages/app-page.ts";
import { GATEWAY_PATHS, STREAM_SUBPROTOCOL } from "../../src/shared/contracts/api.ts";
import { type Findings } from "../findings.ts";
import { startBrowser } from "../lab/browser.ts";
import { sampleOf } from "../statistics.ts";

const ROUNDS = 5;
const WARM_UP_MS = 500;
const WINDOW_MS = 2_000;
const WARM_UP_TRIPS = 100;
const TRIPS = 400;

/** Ours, and the two beside it. */
type Route = "gateway" | "plain" | "websockify";
const ROUTES: readonly Route[] = ["gateway", "plain", "websockify"];

export async function measurePath(findings: Findings): Promise<void> {
  const source = startProcess(process.execPath, ["bench/lab/byte-source-server.ts"]);
  const ports = await until("the byte source listens", () => {
    const line = /\{"flood".*\}/.exec(source.output())?.[0];
    return line === undefined ? undefined : (JSON.parse(line) as { flood: number; echo: number; plain: number });
  });
  const bridgePorts = { flood: await freePort(), echo: await freePort() };
  const bridges = (["flood", "echo"] as const).map((end) => ({
    port: bridgePorts[end],
    process: startProcess("websockify", [`127.0.0.1:${bridgePorts[end]}`, `127.0.0.1:${ports[end]}`]),
  }));
  const switchyard = await startSwitchyard({
    settings: {
      addressBook: (["flood", "echo"] as const).map((end) => ({
        id: end,
        name: end,
        uri: `tcp://127.0.0.1:${ports[end]}`,
      })),
    },
  });
  const browser = await startBrowser();
  try {
    for (const bridge of bridges) await untilListening(bridge.port, bridge.process);
    const ourPage = await browser.newPage();
    const app = await AppPage.open(ourPage, switchyard.address);
    await app.guest("echo").waitFor();
    const otherPage = await browser.newPage();
    await otherPage.goto(`http://127.0.0.1:${ports.plain}/`);

    const measureRoute = async (route: Route, end: "flood" | "echo"): Promise<number> => {
      const page = route === "gateway" ? ourPage : otherPage;
      const url = route === "plain" ? `ws://127.0.0.1:${ports.plain}/${end}` : `ws://127.0.0.1:${bridgePorts[end]}/`;
      await openRoute(page, route === "gateway" ? { guest: end } : { url });
      return end === "flood"
        ? await page.evaluate(receive, [WARM_UP_MS, WINDOW_MS])
        : await page.evaluate(trip, [WARM_UP_TRIPS, TRIPS]);
    };

    const rates: Record<Route, number[]> = { gateway: [], plain: [], websockify: [] };
    const trips: Record<Route, number[]> = { gateway: [], plain: [], websockify: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const route of ROUTES) rates[route].push(await measureRoute(route, "flood"));
      for (const route of ROUTES) trips[route].push(await measureRoute(route, "echo"));
    }
    const names = { plain: "plain WebSocket", websockify: "websockify" };
    for (const peer of ["plain", "websockify"] as const) {
      findings.measured(`path/rate-${peer}`, sampleOf(rates.gateway), {
        what: "guest to Chromium through the gateway",
        unit: "MB/s",
        peer: { name: names[peer], value: sampleOf(rates[peer]) },
        compare: "ratio",
        better: "higher",
      });
    }
    for (const peer of ["plain", "websockify"] as const) {
      findings.measured(`path/trip-${peer}`, sampleOf(trips.gateway), {
        what: "Chromium to guest and back through the gateway",
        unit: "ms",
        peer: { name: names[peer], value: sampleOf(trips[peer]) },
        compare: "ratio",
      });
    }
    findings.measured("path/added-delay", sampleOf(trips.gateway.map((ms, at) => ms - (trips.plain[at] ?? 0))), {
      what: "round trip that the gateway adds to a plain WebSocket",
      unit: "ms",
      peer: {
        name: "websockify adds",
        value: sampleOf(trips.websockify.map((ms, at) => ms - (trips.plain[at] ?? 0))),
      },
    });
  } finally {
    await browser.stop();
    await switchyard.stop();
    for (const bridge of bridges) await bridge.process.stop();
    await source.stop();
  }
}

declare global {
  var benchSocket: WebSocket;
}

/** Opens a WebSocket in the page: to an address, or as our page does to a guest's console. */
async function openRoute(page: Page, route: { url: string } | { guest: string }): Promise<void> {
  await page.evaluate(
    async ({ route, paths, subprotocol }) => {
      const opened = async (socket: WebSocket): Promise<void> => {
        socket.binaryType = "arraybuffer";
        globalThis.benchSocket = socket;
        await new Promise<void>((resolve, reject) => {
          socket.onopen = () => {
            resolve();
          };
          socket.onerror = () => {
            reject(new Error("the WebSocket did not open"));
          };
        });
      };
      if ("url" in route) {
        await opened(new WebSocket(route.url, "binary"));
        return;
      }
      const origin = `ws://${location.host}`;
      const api = new WebSocket(origin + paths.api);
      const ticket = await new Promise<string>((resolve, reject) => {
        api.onmessage = ({ data }: MessageEvent<string>) => {
          const message = JSON.parse(data) as {
            type: string;
            error?: { code: string };
            result?: { ticket: string };
            event?: { name: string; change: { guests?: { id: string; name: string; consoles: { id: string }[] }[] } };
          };
          if (message.type === "error") reject(new Error(message.error?.code));
          if (message.result !== undefined) resolve(message.result.ticket);
          const guest = message.event?.change.guests?.find(({ name }) => name === route.guest);
          if (message.event?.name !== "inventory" || guest === undefined) return;
          const params = { guestId: guest.id, consoleId: guest.consoles[0]?.id };
          api.send(JSON.stringify({ type: "request", id: 1, method: "console.open", params }));
        };
      });
      await opened(new WebSocket(origin + paths.stream, [subprotocol, ticket]));
      // The console belongs to this link and ends with it.
      globalThis.benchSocket.addEventListener("close", () => {
        api.close();
      });
    },
    { route, paths: GATEWAY_PATHS, subprotocol: STREAM_SUBPROTOCOL },
  );
}

/** In the page: megabytes a second, then the socket is closed. */
async function receive([warmUpMs = 0, windowMs = 0]: number[]): Promise<number> {
  const socket = globalThis.benchSocket;
  let bytes = 0;
  let beganMs: number | undefined;
  const startMs = performance.now();
  return await new Promise((resolve) => {
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      const nowMs = performance.now();
      if (nowMs - startMs < warmUpMs) return;
      if (beganMs === undefined) {
        beganMs = nowMs;
        return;
      }
      bytes += data.byteLength;
      if (nowMs - beganMs < windowMs) return;
      socket.onmessage = null;
      socket.onclose = () => {
        resolve(bytes / 1e6 / ((nowMs - (beganMs ?? 0)) / 1000));
      };
      socket.close();
    };
  });
}

/** In the page: milliseconds from a message as small as a key press to its echo, one after the other. */
async function trip([warmUps = 0, count = 0]: number[]): Promise<number> {
  const socket = globalThis.benchSocket;
  const message = new Uint8Array(8);
  const once = async (): Promise<number> => {
    const sentMs = performance.now();
    await new Promise<void>((resolve) => {
      socket.onmessage = () => {
        resolve();
      };
      socket.send(message);
    });
    return performance.now() - sentMs;
  };
  for (let each = 0; each < warmUps; each += 1) await once();
  const times: number[] = [];
  for (let each = 0; each < count; each += 1) times.push(await once());
  await new Promise<void>((resolve) => {
    socket.onclose = () => {
      resolve();
    };
    socket.close();
  });
  return times.sort((a, b) => a - b)[Math.floor(count / 2)] ?? 0;
}
