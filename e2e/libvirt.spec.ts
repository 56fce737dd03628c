import { expect, test } from "@playwright/test";
import { screendumpOf, startLibvirt, type Libvirt } from "./lab/libvirt.ts";
import { startSshd, type SshServer } from "./lab/sshd.ts";
import { startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";

const NAMES = ["sy-one", "sy-two", "sy-renamed"];

/** VGA text mode's blinking cursor. */
const CURSOR_PIXELS = 9 * 16;

let libvirt: Libvirt;

test.beforeAll(async () => {
  libvirt = await startLibvirt();
});

test.afterAll(async () => {
  await libvirt.stop();
});

test.afterEach(() => {
  NAMES.forEach((name) => libvirt.remove(name));
});

test.describe("libvirt on this machine", () => {
  let switchyard: Switchyard;

  test.beforeEach(async () => {
    libvirt.define({ name: "sy-one" });
    libvirt.virsh("start", "sy-one");
    switchyard = await startSwitchyard({ settings: { discovery: { libvirt: true, qemu: false, mdns: false } } });
  });

  test.afterEach(async () => {
    await switchyard.stop();
  });

  test("is found by itself and shows what happens to its guests", async ({ page }) => {
    const app = await AppPage.open(page, switchyard.address);
    await expect(app.guest("sy-one")).toBeVisible();
    libvirt.define({ name: "sy-two" });
    await expect(app.guest("sy-two")).toContainText("off");
    libvirt.virsh("start", "sy-two");
    await expect(app.guest("sy-two")).toContainText("vnc");
    libvirt.virsh("suspend", "sy-two");
    await expect(app.guest("sy-two")).toContainText("paused");
    libvirt.virsh("destroy", "sy-two");
    await expect(app.guest("sy-two")).toContainText("off");
    libvirt.virsh("domrename", "sy-two", "sy-renamed");
    await expect(app.guest("sy-renamed")).toBeVisible();
    await expect(app.guest("sy-two")).toHaveCount(0);
    libvirt.virsh("undefine", "sy-renamed");
    await expect(app.guest("sy-renamed")).toHaveCount(0);
  });

  test("shows a guest's screen to the pixel, and its serial console", async ({ page }) => {
    const app = await AppPage.open(page, switchyard.address);
    await app.openConsole("sy-one", "VNC");
    await app.expectLive();
    await app.expectPictureOf(
      { screendump: () => Promise.resolve(screendumpOf(libvirt, "sy-one")) },
      { toleratedPixels: CURSOR_PIXELS },
    );
    await app.openConsole("sy-one", "Serial");
    await expect(app.tabs).toHaveCount(2);
    await app.expectLive();
  });

  test("shows a guest over SPICE first, with the password that its XML holds", async ({ page }) => {
    // Two guests start under emulation.
    test.setTimeout(180_000);
    libvirt.define({
      name: "sy-two",
      graphics: `<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'/>
        <graphics type='spice' port='-1' autoport='yes' listen='127.0.0.1' passwd='s3cr3t-9'/>`,
    });
    libvirt.virsh("start", "sy-two");
    const app = await AppPage.open(page, switchyard.address);
    await expect(app.guest("sy-two")).toContainText("spice");
    await app.openConsole("sy-two", "SPICE");
    await app.expectLive();
    await app.expectPictureOf(
      { screendump: () => Promise.resolve(screendumpOf(libvirt, "sy-two")) },
      { toleratedPixels: CURSOR_PIXELS },
    );
    expect(switchyard.everythingWritten()).not.toContain("s3cr3t-9");
  });

  test("gives a serial console that somebody else has only to who says so", async ({ page, browser }) => {
    const first = await AppPage.open(page, switchyard.address);
    await first.openConsole("sy-one", "Serial");
    await first.expectLive();
    const otherPage = await (await browser.newContext()).newPage();
    const second = await AppPage.open(otherPage, switchyard.address);
    await second.openConsole("sy-one", "Serial");
    const question = otherPage.getByRole("dialog", { name: "Take over the console of sy-one?" });
    await question.getByRole("button", { name: "Leave it" }).click();
    await expect(otherPage.getByText("Somebody else uses this console.")).toBeVisible();
    await first.expectLive();
    await otherPage.getByRole("button", { name: /again|retry/i }).click();
    await question.getByRole("button", { name: "Take over" }).click();
    await second.expectLive();
    // It is asked, not fought over.
    await expect(page.getByRole("dialog", { name: "Take over the console of sy-one?" })).toBeVisible();
    await second.expectLive();
  });

  test("is listed again after libvirtd was killed and started, and the console never breaks", async ({ page }) => {
    const app = await AppPage.open(page, switchyard.address);
    await app.openConsole("sy-one", "VNC");
    await app.expectLive();
    await libvirt.restart();
    libvirt.define({ name: "sy-two" });
    await expect(app.guest("sy-two")).toBeVisible({ timeout: 30_000 });
    await app.expectLive();
  });

  test("forces a guest off only after a question, and starts it again", async ({ page }) => {
    const app = await AppPage.open(page, switchyard.address);
    await app.guest("sy-one").click({ button: "right" });
    await page.getByRole("menuitem", { name: /force off/i }).click();
    await page.getByRole("button", { name: /force off/i }).click();
    await expect(app.guest("sy-one")).toContainText("off");
    await app.guest("sy-one").click({ button: "right" });
    await page.getByRole("menuitem", { name: /^start/i }).click();
    await expect(app.guest("sy-one")).toContainText("vnc");
    expect(libvirt.virsh("domstate", "sy-one")).toContain("running");
  });
});

test.describe("libvirt over SSH", () => {
  let sshd: SshServer;

  test.beforeEach(async () => {
    libvirt.define({ name: "sy-one" });
    libvirt.virsh("start", "sy-one");
    sshd = await startSshd();
  });

  test.afterEach(async () => {
    await sshd.stop();
  });

  test("asks before it trusts a host key, then shows a tunnelled screen, and refuses a changed key", async ({
    page,
  }) => {
    const uri = `qemu+ssh://root@127.0.0.1:${sshd.port}/system?keyfile=${sshd.keyFile}`;
    // The program's own known_hosts, not the developer's.
    const switchyard = await startSwitchyard({
      args: ["--connect", uri],
      env: { HOME: sshd.folder, SSH_AUTH_SOCK: "" },
    });
    try {
      // The question stands before everything else.
      await page.goto(switchyard.address);
      const app = new AppPage(page);
      await expect(page.getByText(sshd.fingerprint())).toBeVisible();
      await page.getByRole("button", { name: /trust always|always/i }).click();
      await app.openConsole("sy-one", "VNC");
      await app.expectLive();
      await app.expectPictureOf(
        { screendump: () => Promise.resolve(screendumpOf(libvirt, "sy-one")) },
        { toleratedPixels: CURSOR_PIXELS },
      );

      await sshd.changeHostKey();
      await expect(page.getByText(/host key .* is not the one known/i).first()).toBeVisible({ timeout: 30_000 });
    } finally {
      await switchyard.stop();
    }
  });

  test("says that an unreachable SSH host is unreachable, at that host", async ({ page }) => {
    const { port } = sshd;
    await sshd.stop();
    const switchyard = await startSwitchyard({
      args: ["--connect", `qemu+ssh://root@127.0.0.1:${port}/system`, "--demo"],
    });
    try {
      const app = await AppPage.open(page, switchyard.address);
      await expect(page.getByText(`Connection refused at 127.0.0.1:${port}`).first()).toBeVisible();
      await app.openGuest("yard");
      await app.expectLive();
    } finally {
      await switchyard.stop();
    }
  });
});
