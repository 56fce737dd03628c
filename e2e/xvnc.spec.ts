import { spawnSync } from "node:child_process";
import { expect, test } from "@playwright/test";
import { makeCertificates } from "./lab/certificates.ts";
import { startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { startXvnc, type XvncServer } from "./lab/xvnc.ts";
import { AppPage } from "./pages/app-page.ts";

const PASSWORD = "x11-pass";

/** The colour in the middle of the shown picture. */
async function shownColour(app: AppPage): Promise<string> {
  return await app.screen.first().evaluate((canvas: HTMLCanvasElement) => {
    const copy = new OffscreenCanvas(1, 1).getContext("2d");
    copy?.drawImage(canvas, -Math.floor(canvas.width / 2), -Math.floor(canvas.height / 2));
    const [red = 0, green = 0, blue = 0] = copy?.getImageData(0, 0, 1, 1).data ?? [];
    return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  });
}

test.describe("a real Xvnc", () => {
  let server: XvncServer;
  let switchyard: Switchyard;

  test.afterEach(async () => {
    await switchyard.stop();
    await server.stop();
  });

  test("asks for its password; its picture follows, and it takes the size of the window", async ({ page }) => {
    server = await startXvnc({ password: PASSWORD, args: ["-SecurityTypes", "VncAuth"] });
    switchyard = await startSwitchyard({
      settings: { addressBook: [{ id: "x", name: "x-desk", uri: `vnc://127.0.0.1:${server.port}` }] },
    });
    const app = await AppPage.open(page, switchyard.address);
    await app.openGuest("x-desk");
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.keyboard.press("Enter");
    await app.expectLive();
    for (const colour of ["#c03060", "#1080f0"]) {
      server.setRoot(colour);
      await expect.poll(async () => await shownColour(app)).toBe(colour);
    }

    await page.getByRole("button", { name: /^Scaling/ }).click();
    await page.getByRole("menuitemradio", { name: "Resize the guest" }).click();
    const room = await app.panel.boundingBox();
    const wanted = `${Math.floor(room?.width ?? 0)}x${Math.floor(room?.height ?? 0)}`;
    await expect.poll(() => server.size()).toBe(wanted);
    await expect
      .poll(async () => await app.screen.evaluate(({ width, height }: HTMLCanvasElement) => `${width}x${height}`))
      .toBe(wanted);
    await page.setViewportSize({ width: 1000, height: 700 });
    await expect.poll(() => server.size()).not.toBe(wanted);
    expect(switchyard.everythingWritten()).not.toContain(PASSWORD);
  });

  test("with X.509 is trusted only when its certificate is accepted, and that is remembered", async ({ page }) => {
    const { folder, fingerprint } = makeCertificates();
    const files = ["-X509Cert", `${folder}/server-cert.pem`, "-X509Key", `${folder}/server-key.pem`];
    server = await startXvnc({ password: PASSWORD, args: ["-SecurityTypes", "X509Vnc", ...files] });
    switchyard = await startSwitchyard({
      settings: { addressBook: [{ id: "x", name: "x-desk", uri: `vnc://127.0.0.1:${server.port}` }] },
    });
    const app = await AppPage.open(page, switchyard.address);
    await app.openGuest("x-desk");
    await expect(page.getByText(fingerprint())).toBeVisible();
    await page.getByRole("button", { name: /always/i }).click();
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.keyboard.press("Enter");
    await app.expectLive();
    server.setRoot("#20a040");
    await expect.poll(async () => await shownColour(app)).toBe("#20a040");

    // Neither is asked for again.
    await app.tab("x-desk").click({ button: "middle" });
    await app.openGuest("x-desk");
    await app.expectLive();
    expect(spawnSync("ps", ["-eo", "args"], { encoding: "utf8" }).stdout).not.toContain(PASSWORD);
  });
});
