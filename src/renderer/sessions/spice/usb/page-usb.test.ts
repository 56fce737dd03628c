import { describe, expect, it } from "vitest";
import { PACKET } from "../../../../protocols/usbredir/packet-types.ts";
import { FakeWebUsbDevice, fakeWebUsb } from "../../../../testing/fake-web-usb.ts";
import type { ToWorker } from "../worker-messages.ts";
import { PageUsb } from "./page-usb.ts";
import type { WebUsb } from "./web-usb-types.ts";

/** HELLO of a guest's side that can do nothing further. */
const HELLO = (() => {
  const bytes = new Uint8Array(12 + 68);
  new DataView(bytes.buffer).setUint32(4, 68, true);
  return bytes;
})();

function start(usb: WebUsb | undefined) {
  const posted: ToWorker[] = [];
  const remarks: string[] = [];
  const page = new PageUsb({
    usb,
    post: (message) => posted.push(message),
    handleChange: () => undefined,
    handleRemark: (text) => remarks.push(text),
  });
  const packetTypes = (): number[] =>
    posted
      .splice(0)
      .flatMap((message) =>
        message.kind === "writeUsb" ? [new DataView(message.bytes.buffer).getUint32(0, true)] : [],
      );
  page.handle({ kind: "usbOpened", channelId: 2 });
  return { page, remarks, packetTypes };
}

const slot = (deviceName: string | undefined, isReady: boolean) => ({ slotId: 2, deviceName, isReady });

describe("USB devices of the page", () => {
  it("gives the chosen device to the guest with its intervals, and takes it back", async () => {
    const device = new FakeWebUsbDevice();
    const { page, packetTypes, remarks } = start(fakeWebUsb(device));
    expect(page.facts?.slots).toEqual([slot(undefined, false)]);
    page.handle({ kind: "usbData", channelId: 2, bytes: HELLO });
    await page.redirect(2);
    expect(packetTypes()).toEqual([PACKET.hello, PACKET.interfaceInfo, PACKET.epInfo, PACKET.deviceConnect]);
    expect(page.facts?.slots).toEqual([slot("Test echo", false)]);
    expect(device.calls).toEqual(["open", "select 1", "claim 0", "controlIn 6 512"]);
    page.giveBack(2);
    expect([page.facts?.slots, packetTypes(), device.calls.at(-1)]).toEqual([
      [slot(undefined, true)],
      [PACKET.deviceDisconnect],
      "close",
    ]);
    expect(remarks).toEqual([]);
  });

  it("says why a device of a blocked class cannot be given, and closes it", async () => {
    const device = new FakeWebUsbDevice();
    device.claimError = new DOMException("protected", "SecurityError");
    const { page, remarks } = start(fakeWebUsb(device));
    page.handle({ kind: "usbData", channelId: 2, bytes: HELLO });
    await page.redirect(2);
    expect([remarks, device.calls.at(-1), page.facts?.slots]).toEqual([
      [expect.stringContaining("class")],
      "close",
      [slot(undefined, true)],
    ]);
  });

  it("tells of the guest's places where the browser has no WebUSB", () => {
    const { page } = start(undefined);
    expect(page.facts).toEqual({ slots: [slot(undefined, false)], isSupported: false });
    page.handle({ kind: "usbClosed", channelId: 2 });
    expect(page.facts).toBeUndefined();
  });

  it("gives up a place whose stream breaks the protocol", () => {
    const { page, remarks } = start(undefined);
    page.handle({ kind: "usbData", channelId: 2, bytes: new Uint8Array(64).fill(0xff) });
    expect([page.facts, remarks.length]).toEqual([undefined, 1]);
  });
});
