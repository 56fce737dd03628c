import { expect, test } from "@playwright/test";
import { startSaslLibvirtd, type SaslLibvirtd } from "./lab/sasl-libvirtd.ts";
import { startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";

const LOGIN = { userName: "operator", password: 'p\u00e4ss, "word"=' };

test.describe("a libvirtd that asks for a SASL login", () => {
  let libvirtd: SaslLibvirtd | undefined;
  let switchyard: Switchyard | undefined;

  test.afterEach(async () => {
    await switchyard?.stop();
    await libvirtd?.stop();
  });

  for (const mechanism of ["SCRAM-SHA-256", "SCRAM-SHA-1", "DIGEST-MD5", "PLAIN"]) {
    test(`lists its guests after ${mechanism}, and asks again after a wrong password`, async ({ page }) => {
      libvirtd = await startSaslLibvirtd({ mechanism, ...LOGIN });
      const uri = `test+unix:///default?socket=${libvirtd.socketPath}`;
      switchyard = await startSwitchyard({ args: ["--connect", uri] });
      // The question stands before everything else.
      await page.goto(switchyard.address);
      const app = new AppPage(page);
      await page.getByLabel("User name").fill(LOGIN.userName);
      await page.getByLabel("Password", { exact: true }).fill("wrong");
      await page.getByRole("button", { name: "Continue" }).click();
      await expect(page.getByText("That was refused")).toBeVisible();
      await expect(page.getByLabel("User name")).toHaveValue(LOGIN.userName);
      await page.getByLabel("Password", { exact: true }).fill(LOGIN.password);
      await page.getByRole("button", { name: "Continue" }).click();
      // The one guest of libvirt's mock driver.
      await expect(app.guest("test")).toBeVisible();
      expect(switchyard.everythingWritten()).not.toContain(LOGIN.password);
    });
  }

  test("says over plain TCP that only TLS or SSH will do, and asks for no password", async ({ page }) => {
    libvirtd = await startSaslLibvirtd({ mechanism: "DIGEST-MD5", ...LOGIN });
    switchyard = await startSwitchyard({ args: ["--connect", `test+tcp://127.0.0.1:${libvirtd.tcpPort}/default`] });
    await AppPage.open(page, switchyard.address);
    await expect(page.getByText(/SASL DIGEST-MD5; with qemu\+tls:\/\/ or qemu\+ssh:\/\//).first()).toBeVisible();
    await expect(page.getByLabel("Password", { exact: true })).toHaveCount(0);
  });
});
