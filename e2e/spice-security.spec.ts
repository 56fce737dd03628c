import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { once } from "node:events";
import { expect, test } from "@playwright/test";
import { makeConfigFolder, startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { makeSaslFolder } from "./lab/spice/sasl-users.ts";
import { startSpiceGuest, type SpiceGuest } from "./lab/spice/spice-guest.ts";
import { AppPage } from "./pages/app-page.ts";

/** VGA text mode's blinking cursor. */
const CURSOR_PIXELS = 9 * 16;
const PASSWORD = "s3cr3t-9";

/** An HTTP proxy as Proxmox's: it knows only its own tickets. */
async function startProxy(ticket: string, port: number): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", (chunk: Buffer) => {
      if (!chunk.toString("latin1").startsWith(`CONNECT ${ticket}:`)) {
        socket.end("HTTP/1.0 401 no ticket\r\n\r\n");
        return;
      }
      const far = connect(port, "127.0.0.1");
      far.on("error", () => socket.destroy());
      socket.write("HTTP/1.0 200 OK\r\n\r\n");
      socket.pipe(far).pipe(socket);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

test.describe("a SPICE server that asks for a login", () => {
  let guest: SpiceGuest;
  let switchyard: Switchyard;
  let proxy: Server | undefined;

  test.afterEach(async () => {
    await switchyard.stop();
    await guest.stop();
    proxy?.close();
    proxy = undefined;
  });

  test("gets the password after a wrong one, for all channels, and is not asked for again when the guest comes back", async ({
    page,
  }) => {
    guest = await startSpiceGuest({ name: "e2e-spice-password", vga: "qxl", spice: { password: PASSWORD } });
    // An address that stands alone is opened at once.
    switchyard = await startSwitchyard({ args: [guest.address] });
    const app = await AppPage.open(page, switchyard.address);

    const field = page.getByRole("textbox", { name: "Password" });
    await field.fill("wrong");
    await page.keyboard.press("Enter");
    await expect(page.getByText(/refused|wrong|not accepted/i).first()).toBeVisible();
    await field.fill(PASSWORD);
    await page.keyboard.press("Enter");
    await app.expectLive();
    await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });
    await expect(field).toHaveCount(0);

    await guest.kill();
    await expect(page.locator("[data-dimmed]").first()).toBeVisible();
    await guest.restart();
    await app.expectLive();
    await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });
    await expect(field).toHaveCount(0);

    expect(switchyard.everythingWritten()).not.toContain(PASSWORD);
    expect(await page.evaluate(() => document.documentElement.outerHTML)).not.toContain(PASSWORD);
  });

  test("shows a certificate that nobody vouches for, once for all channels", async ({ page }) => {
    guest = await startSpiceGuest({ name: "e2e-spice-tls", vga: "qxl", spice: { transport: "tls" } });
    switchyard = await startSwitchyard({ args: [guest.address] });
    const app = await AppPage.open(page, switchyard.address);
    await expect(page.getByText(guest.fingerprint)).toBeVisible();
    await expect(app.screen).toHaveCount(0);
    await page.getByRole("button", { name: /trust always|always/i }).click();
    await app.expectLive();
    await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });
    await expect(page.getByText(guest.fingerprint)).toHaveCount(0);
  });

  for (const mechanism of ["SCRAM-SHA-256", "DIGEST-MD5", "PLAIN"]) {
    test(`lets in by SASL over TLS with ${mechanism}, after a wrong password`, async ({ page }) => {
      const saslFolder = makeSaslFolder({ mechanism, userName: "ada", password: PASSWORD });
      guest = await startSpiceGuest({ name: "e2e-spice-sasl", vga: "qxl", spice: { transport: "tls", saslFolder } });
      switchyard = await startSwitchyard({ args: [guest.address] });
      const app = await AppPage.open(page, switchyard.address);
      await page.getByRole("button", { name: /trust always|always/i }).click();
      for (const password of ["wrong", PASSWORD]) {
        await page.getByRole("textbox", { name: "User name" }).fill("ada");
        await page.getByRole("textbox", { name: "Password" }).fill(password);
        await page.keyboard.press("Enter");
        if (password === "wrong") await expect(page.getByText(/refused|wrong|not accepted/i).first()).toBeVisible();
      }
      await app.expectLive();
      await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });
      rmSync(saslFolder, { recursive: true });
    });
  }

  test("opens by a connection file as Proxmox makes it, without a question, and the file is deleted", async ({
    page,
  }) => {
    guest = await startSpiceGuest({
      name: "e2e-spice-file",
      vga: "qxl",
      spice: { transport: "tls", password: PASSWORD },
    });
    const ticket = "pvespiceproxy:66a1b2c3:100:rack-a::0123456789abcdef";
    proxy = await startProxy(ticket, guest.port ?? 0);
    const authority = readFileSync(join(guest.certificateFolder, "ca-cert.pem"), "utf8");
    const file = join(makeConfigFolder(), "console.vv");
    const lines = [
      "[virt-viewer]",
      "type=spice",
      `host=${ticket}`,
      "tls-port=61000",
      `proxy=http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      `ca=${authority.replaceAll("\n", "\\n")}`,
      "host-subject=CN=127.0.0.1",
      `password=${PASSWORD}`,
      "title=VM 100 - web",
      "delete-this-file=1",
    ];
    writeFileSync(file, `${lines.join("\n")}\n`);
    switchyard = await startSwitchyard({ args: [file] });
    const app = await AppPage.open(page, switchyard.address);
    await app.expectLive();
    await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });
    await expect(app.tab("VM 100 - web")).toBeVisible();
    expect(existsSync(file)).toBe(false);
    const shown = await page.evaluate(() => document.documentElement.outerHTML);
    for (const secret of [PASSWORD, ticket]) {
      expect(shown).not.toContain(secret);
      expect(switchyard.everythingWritten()).not.toContain(secret);
    }
  });
});
