import { randomBytes } from "node:crypto";
import { createServer, type AddressInfo, type Server } from "node:net";
import { expect, test, type Page } from "@playwright/test";
import {
  FOREIGN_BANNERS,
  startFakeRfbServer,
  type FakeRfbServer,
  type RfbFault,
} from "../src/testing/fake-rfb-server.ts";
import { startDeafPort, type DeafPort } from "./lab/deaf-port.ts";
import { freePort } from "./lab/free-port.ts";
import { residentBytesOf, residentBytesOfPages } from "./lab/memory.ts";
import { startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";

/** A leak of one 60,000 x 60,000 picture is 14 GB; this is what a browser breathes. */
const MAX_GROWTH_BYTES = 150 * 1024 * 1024;
const STORM_PICTURES = 100;
const SEED_BYTES = 4096;

/** Console by console: what its far side does, and what is said of it. */
const CASES: readonly {
  readonly name: string;
  readonly fault?: RfbFault;
  readonly size?: readonly [number, number];
  readonly says: RegExp;
  readonly hop: string;
}[] = [
  {
    name: "web-server",
    fault: { kind: "says", bytes: FOREIGN_BANNERS.http },
    says: /127\.0\.0\.1:\d+ does not speak VNC/,
    hop: "talking to the display",
  },
  {
    name: "ssh-server",
    fault: { kind: "says", bytes: FOREIGN_BANNERS.ssh },
    says: /127\.0\.0\.1:\d+ does not speak VNC/,
    hop: "talking to the display",
  },
  {
    name: "noise",
    fault: { kind: "says", bytes: randomBytes(SEED_BYTES) },
    says: /127\.0\.0\.1:\d+ does not speak VNC/,
    hop: "talking to the display",
  },
  {
    name: "silence",
    fault: { kind: "silent" },
    says: /127\.0\.0\.1:\d+ stopped answering in the middle of/,
    hop: "talking to the display",
  },
  {
    name: "cut-in-version",
    fault: { kind: "truncated", atByte: 7 },
    says: /127\.0\.0\.1:\d+ closed the connection/,
    hop: "talking to the display",
  },
  {
    name: "cut-in-picture",
    fault: { kind: "truncated", atByte: 200 },
    says: /closed the connection/,
    hop: "talking to the display",
  },
  {
    name: "closes-after-security",
    fault: { kind: "closes-after-security" },
    says: /127\.0\.0\.1:\d+ closed the connection/,
    hop: "talking to the display",
  },
  {
    name: "no-picture",
    fault: { kind: "no-picture" },
    says: /is connected but sent no picture within 15 s/,
    hop: "waiting for the picture",
  },
  {
    name: "giant",
    size: [60_000, 60_000],
    says: /wants a picture of 60000 × 60000, more than is accepted/,
    hop: "waiting for the picture",
  },
];

test.describe("hostile and broken peers", () => {
  test.describe.configure({ mode: "serial" });

  let servers: FakeRfbServer[];
  let deafPort: DeafPort;
  let switchyard: Switchyard;
  let page: Page;
  let app: AppPage;

  test.beforeAll(async ({ browser }) => {
    servers = await Promise.all([
      ...CASES.map(async ({ fault, size, name }) => {
        const [width, height] = size ?? [64, 48];
        return await startFakeRfbServer({ name, width, height, ...(fault === undefined ? {} : { fault }) });
      }),
      startFakeRfbServer({ name: "storm", fault: { kind: "resize-storm", count: STORM_PICTURES } }),
      startFakeRfbServer({ name: "sound", colour: 0x336699 }),
    ]);
    deafPort = await startDeafPort();
    const names = [...CASES.map(({ name }) => name), "storm", "sound"];
    const addressBook = [
      ...names.map((name, index) => ({ id: name, name, uri: `vnc://${servers[index]?.address ?? ""}` })),
      { id: "deaf", name: "deaf", uri: `vnc://127.0.0.1:${deafPort.port}` },
      { id: "refused", name: "refused", uri: `vnc://127.0.0.1:${await freePort()}` },
      { id: "nobody", name: "nobody", uri: "vnc://no-such-host.invalid:5900" },
      { id: "no-socket", name: "no-socket", uri: "vnc+unix:///nowhere/vnc.sock" },
    ];
    switchyard = await startSwitchyard({ settings: { addressBook, hasSampleGuests: true } });
    page = await browser.newPage();
    app = await AppPage.open(page, switchyard.address);
    await app.openGuest("yard");
    await app.expectLive();
    // These take their time to fail; meanwhile the others are looked at.
    for (const name of ["silence", "no-picture", "deaf"]) await app.openGuest(name);
  });

  test.afterAll(async () => {
    await page.close();
    await switchyard.stop();
    await deafPort.stop();
    await Promise.all(servers.map(async (server) => await server.close()));
  });

  const expectFailure = async (name: string, says: RegExp, hop: string): Promise<void> => {
    await app.openGuest(name);
    await expect(app.panel.getByText(says)).toHaveCount(1, { timeout: 25_000 });
    await expect(app.panel.getByText(`Failed at: ${hop}`)).toHaveCount(1);
    await expect(app.panel.getByRole("button", { name: /try (again|now)/i })).toBeVisible();
  };

  /** The others live on, and so does the program. */
  const expectOthersWell = async (): Promise<void> => {
    await expect(app.tab("yard")).toHaveAttribute("aria-description", /^live/);
    await app.tab("yard").click();
    await app.expectLive();
    await app.expectMoving();
    expect(switchyard.process.hasEnded()).toBe(false);
  };

  for (const { name, says, hop } of CASES) {
    test(`says at which hop it failed: ${name}`, async () => {
      await expectFailure(name, says, hop);
      await expectOthersWell();
    });
  }

  test("says that nobody answers, nobody listens, nobody is called so, nothing is there", async () => {
    await expectFailure("deaf", /No answer from 127\.0\.0\.1:\d+ within 10 s/, "connecting");
    await expectFailure("refused", /Connection refused at 127\.0\.0\.1:\d+/, "connecting");
    await expectFailure("nobody", /No address is known for the name no-such-host\.invalid/, "finding the address");
    await expectFailure("no-socket", /There is no socket at \/nowhere\/vnc\.sock/, "connecting");
    await expectOthersWell();
  });

  test("shows a server that changes its size hundreds of times, and keeps no memory of it", async ({ browser }) => {
    const before = await residentBytesOfPages(browser);
    const programBefore = residentBytesOf(switchyard.process.pid);
    await app.openGuest("storm");
    await app.expectLive();
    await expect
      .poll(() => servers.find((_, index) => index === CASES.length)?.sessions.at(-1)?.receivedTypes.length, {
        timeout: 60_000,
      })
      .toBeGreaterThan(STORM_PICTURES);
    expect((await residentBytesOfPages(browser)) - before).toBeLessThan(MAX_GROWTH_BYTES);
    expect(residentBytesOf(switchyard.process.pid) - programBefore).toBeLessThan(MAX_GROWTH_BYTES);
    await expectOthersWell();
  });

  test("keeps no memory of a giant that is tried again and again", async ({ browser }) => {
    await app.openGuest("giant");
    const before = await residentBytesOfPages(browser);
    const giant = servers[CASES.findIndex(({ name }) => name === "giant")];
    for (let round = 0; round < 10; round += 1) {
      const count = giant?.sessions.length ?? 0;
      await app.panel.getByRole("button", { name: "Try again" }).click();
      await expect.poll(() => giant?.sessions.length).toBeGreaterThan(count);
      await expect(app.panel.getByText(/60000 × 60000/)).toHaveCount(1);
    }
    expect((await residentBytesOfPages(browser)) - before).toBeLessThan(MAX_GROWTH_BYTES);
  });

  test("opens a sound server among all of them at once", async () => {
    await app.openGuest("sound");
    await app.expectLive();
  });
});

test.describe("dead and lying hosts among live ones", () => {
  let deafPort: DeafPort;
  let liar: Server;
  let switchyard: Switchyard;

  test.beforeEach(async () => {
    deafPort = await startDeafPort();
    liar = createServer((socket) => {
      socket.on("error", () => undefined).resume();
      socket.end(FOREIGN_BANNERS.http);
    });
    await new Promise<void>((resolve) => liar.listen(0, "127.0.0.1", resolve));
  });

  test.afterEach(async () => {
    await switchyard.stop();
    await deafPort.stop();
    await new Promise((resolve) => liar.close(resolve));
  });

  test("delay nothing, and each says below itself what is wrong", async ({ page }) => {
    const liarPort = (liar.address() as AddressInfo).port;
    switchyard = await startSwitchyard({
      args: [
        ...["--demo", "--connect", `qemu+tcp://127.0.0.1:${deafPort.port}/system`],
        ...["--connect", `qemu+tcp://127.0.0.1:${liarPort}/system`, "--connect", `qmp+tcp://127.0.0.1:${liarPort}`],
      ],
    });
    const app = await AppPage.open(page, switchyard.address);
    await app.openGuest("yard");
    await app.expectLive();
    // The dead host is still being tried: nobody waited for it.
    await expect(app.guest("127.0.0.1").filter({ hasText: "connecting" })).toHaveCount(1);
    await expect(page.getByRole("treeitem", { name: /does not speak libvirt/ })).toBeVisible();
    await expect(page.getByRole("treeitem", { name: /does not speak QMP/ })).toBeVisible();
    await expect(page.getByRole("treeitem", { name: /No answer from 127\.0\.0\.1/ })).toBeVisible();
    await app.expectMoving();
  });
});
