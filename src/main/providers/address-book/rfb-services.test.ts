import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HostId } from "../../../shared/contracts/ids.ts";
import { GuestSnapshot } from "../../../shared/contracts/inventory.ts";
import { entryOfService } from "./mdns-provider.ts";
import { MAX_SERVICES, RFB_SERVICE, RfbServices } from "./rfb-services.ts";

const ID = `desk._rfb._tcp.local`;
const POINTER = { name: RFB_SERVICE, type: "PTR", ttl: 4500, data: "Desk._rfb._tcp.local" };
const SERVICE = { name: "Desk._rfb._tcp.local", type: "SRV", ttl: 120, data: { target: "Desk.local", port: 5901 } };
const ADDRESS = { name: "desk.local", type: "A", ttl: 120, data: "192.0.2.7" };
const HOST_ID = HostId.parse("h");

function servicesOf(...records: unknown[]): RfbServices {
  const services = new RfbServices();
  services.receive(records, 0);
  return services;
}

describe("VNC servers announced by mDNS", () => {
  it("are complete with pointer, service and address, in any order", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([POINTER, SERVICE, ADDRESS], { minLength: 3 }), (records) => {
        expect(servicesOf(...records).services).toEqual([{ id: ID, name: "Desk", host: "192.0.2.7", port: 5901 }]);
      }),
    );
  });

  it("are asked for when only their name is known, and reached by name without an address", () => {
    const services = servicesOf(POINTER);
    expect([services.services, services.incompleteNames]).toEqual([[], [ID]]);
    services.receive([SERVICE], 1);
    expect(services.services).toEqual([{ id: ID, name: "Desk", host: "desk.local", port: 5901 }]);
  });

  it("prefer IPv4 and pass link-local IPv6 over", () => {
    const v6 = { name: "desk.local", type: "AAAA", ttl: 120, data: "2001:db8::7" };
    expect(servicesOf(POINTER, SERVICE, { ...v6, data: "fe80::1" }).services[0]?.host).toBe("desk.local");
    expect(servicesOf(POINTER, SERVICE, v6, ADDRESS, v6).services[0]?.host).toBe("192.0.2.7");
  });

  it("go with a goodbye and when they expire", () => {
    const services = servicesOf(POINTER, SERVICE, ADDRESS);
    expect(services.expire(119_999)).toBe(false);
    expect([services.expire(120_000), services.services[0]?.host]).toEqual([true, "desk.local"]);
    expect([services.expire(4_500_000), services.services]).toEqual([true, []]);
    const others = servicesOf(POINTER, SERVICE);
    others.receive([{ ...POINTER, ttl: 0 }], 1);
    expect(others.services).toEqual([]);
  });

  it("are not believed for longer than 75 minutes", () => {
    const services = servicesOf({ ...POINTER, ttl: 4_294_967_295 }, SERVICE);
    services.expire(75 * 60_000);
    expect(services.services).toEqual([]);
  });

  it("are at most MAX_SERVICES", () => {
    const services = new RfbServices();
    for (let index = 0; index < 2 * MAX_SERVICES; index += 1) {
      const name = `n${index}._rfb._tcp.local`;
      services.receive(
        [
          { ...POINTER, data: name },
          { ...SERVICE, name },
        ],
        0,
      );
    }
    expect(services.services).toHaveLength(MAX_SERVICES);
  });

  it.each([
    [{ ...SERVICE, data: { target: "a b", port: 1 } }],
    [{ ...SERVICE, data: { target: "h", port: 0 } }],
    [{ ...SERVICE, data: { target: "h", port: 1.5 } }],
    [{ ...SERVICE, data: null }],
    [{ ...SERVICE, name: "other._rfb._tcp.local" }],
  ])("have no place by the record %j", (record) => {
    expect(servicesOf(POINTER, record).services).toEqual([]);
  });

  it("make valid guests of any records", () => {
    const name = fc.oneof(
      fc.string(),
      fc.string().map((label) => `${label}._rfb._tcp.local`),
      fc.constantFrom(RFB_SERVICE, "desk.local"),
    );
    const record = fc.record({
      name: fc.oneof(name, fc.anything()),
      type: fc.constantFrom("PTR", "SRV", "A", "AAAA", "TXT"),
      ttl: fc.oneof(fc.nat(), fc.anything()),
      data: fc.oneof(
        name,
        fc.record({
          target: fc.oneof(fc.domain(), fc.string(), fc.anything()),
          port: fc.oneof(fc.nat(70_000), fc.anything()),
        }),
        fc.ipV4(),
        fc.ipV6(),
        fc.anything(),
      ),
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(record, fc.constant(POINTER), fc.constant(SERVICE), fc.anything())), (records) => {
        for (const service of servicesOf(...records).services) {
          const entry = entryOfService(HOST_ID, service);
          if (entry !== undefined) GuestSnapshot.parse(entry.guest);
        }
      }),
      { numRuns: 500 },
    );
  });
});
