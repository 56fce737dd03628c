import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSpiceGuest, type SpiceGuest } from "../../e2e/lab/spice/spice-guest.ts";
import { type Findings } from "../findings.ts";
import { writeBootDisk } from "../lab/boot-disk.ts";
import { sampleOf } from "../statistics.ts";
import { useWith } from "./hidden.ts";

const HIDDEN = 20;
const ROUNDS = 2;

/** Memory and processor time of hidden SPICE consoles of real guests, whose screens stand still. */
export async function measureSpiceHidden(findings: Findings): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-boot-"));
  const disk = join(folder, "boot.img");
  writeBootDisk(disk);
  const guests: SpiceGuest[] = [];
  try {
    for (let index = 0; index <= HIDDEN; index += 1) {
      guests.push(
        await startSpiceGuest({
          name: `spice-${index}`,
          hasNetwork: false,
          spice: {},
          args: ["-drive", `file=${disk},format=raw,if=floppy,readonly=on`, "-boot", "a"],
        }),
      );
    }
    const addressBook = guests.map(({ name, address }) => ({ id: name, name, uri: address }));
    const book = { addressBook, names: addressBook.map(({ name }) => name) };
    const memory: number[] = [];
    const cpu: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const few = await useWith(book, 1, {});
      const many = await useWith(book, HIDDEN + 1, {});
      memory.push((many.memoryMiB - few.memoryMiB) / HIDDEN);
      const idle = sampleOf(few.cpuPercents).median;
      cpu.push(...many.cpuPercents.map((percent) => (percent - idle) / HIDDEN));
    }
    findings.measured("spice-hidden/memory", sampleOf(memory), {
      what: `memory of each of ${HIDDEN} hidden SPICE consoles, browser and host`,
      unit: "MiB",
      compare: "value",
    });
    findings.measured("spice-hidden/cpu", sampleOf(cpu), {
      what: `processor time of each of ${HIDDEN} hidden SPICE consoles whose guests stand still, browser and host`,
      unit: "% of a core",
      compare: "value",
    });
  } finally {
    await Promise.all(guests.map(async (guest) => await guest.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}
