import { expect, test } from "@playwright/test";
import { makeCertificates } from "./lab/certificates.ts";
import { freePort } from "./lab/free-port.ts";
import { startQemu, type QemuGuest } from "./lab/qemu-guest.ts";
import { startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";

/** VGA text mode's blinking cursor. */
const CURSOR_PIXELS = 9 * 16;
const VNC_BASE_PORT = 5900;
const PASSWORD = "s3cr3t-9";

/** QEMU's `-vnc` takes a display number, which is a port from 5900 on. */
async function freeDisplay(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port > VNC_BASE_PORT) return port - VNC_BASE_PORT;
  }
}

test.describe("a VNC server that asks for a login", () => {
  let guest: QemuGuest;
  let switchyard: Switchyard;

  test.afterEach(async () => {
    await switchyard.stop();
    await guest.stop();
  });

  test("gets the password after a wrong one, and is not asked for again when the guest comes back", async ({
    page,
  }) => {
    const display = await freeDisplay();
    const args = ["-object", `secret,id=vnc,data=${PASSWORD}`];
    guest = await startQemu({ name: "e2e-password", vnc: `127.0.0.1:${display},password-secret=vnc`, args });
    switchyard = await startSwitchyard({ args: ["--connect", `vnc://127.0.0.1:${VNC_BASE_PORT + display}`] });
    const app = await AppPage.open(page, switchyard.address);
    await page
      .getByRole("treeitem", { name: new RegExp(`${VNC_BASE_PORT + display}`) })
      .last()
      .click();

    const field = page.getByRole("textbox", { name: "Password" });
    await field.fill("wrong");
    await page.keyboard.press("Enter");
    await expect(page.getByText(/refused|wrong|not accepted/i).first()).toBeVisible();
    await field.fill(PASSWORD);
    await page.keyboard.press("Enter");
    await app.expectLive();
    await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });

    await guest.kill();
    await expect(page.locator("[data-dimmed]").first()).toBeVisible();
    await guest.restart();
    await app.expectLive();
    await expect(field).toHaveCount(0);

    expect(switchyard.everythingWritten()).not.toContain(PASSWORD);
    expect(await page.evaluate(() => document.documentElement.outerHTML)).not.toContain(PASSWORD);
  });

  test("shows a certificate that nobody vouches for, and goes on only when it is accepted", async ({ page }) => {
    const display = await freeDisplay();
    const { folder, fingerprint } = makeCertificates();
    guest = await startQemu({
      name: "e2e-x509",
      vnc: `127.0.0.1:${display},tls-creds=tls`,
      args: ["-object", `tls-creds-x509,id=tls,dir=${folder},endpoint=server,verify-peer=off`],
    });
    switchyard = await startSwitchyard({ args: ["--connect", `vnc://127.0.0.1:${VNC_BASE_PORT + display}`] });
    const app = await AppPage.open(page, switchyard.address);
    await page
      .getByRole("treeitem", { name: new RegExp(`${VNC_BASE_PORT + display}`) })
      .last()
      .click();
    await expect(page.getByText(fingerprint())).toBeVisible();
    await expect(app.screen).toHaveCount(0);
    await page.getByRole("button", { name: /trust always|always/i }).click();
    await app.expectLive();
    await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });
  });
});
