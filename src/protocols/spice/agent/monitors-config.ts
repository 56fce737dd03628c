import { SpiceWriter } from "../wire/spice-writer.ts";

/** VDAgentMonitorsConfig's flags. */
const USE_POSITION = 1;
const PHYSICAL_SIZE = 2;

/** Bits a pixel; guests take it as a hint. */
const DEPTH = 32;

export interface MonitorLayout {
  /** 0 by 0: switched off. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** On the guest's desktop. */
  readonly xPx: number;
  readonly yPx: number;
  /** Of the true monitor, so that the guest can choose sizes of text; 0 or undefined when not known. */
  readonly widthMm?: number;
  readonly heightMm?: number;
}

/**
 * VDAgentMonitorsConfig. An agent that is not sparse takes no monitor that is switched off: those are left out. Sizes in
 * millimetres are sent only where there are some, because old agents refuse the longer message.
 */
export function encodeMonitors(
  monitors: readonly MonitorLayout[],
  options: { isSparse: boolean },
): Uint8Array<ArrayBuffer> {
  const isOn = ({ widthPx, heightPx }: MonitorLayout): boolean => widthPx > 0 && heightPx > 0;
  const sent = options.isSparse ? monitors : monitors.filter(isOn);
  const hasSizes = sent.some(({ widthMm = 0, heightMm = 0 }) => widthMm > 0 && heightMm > 0);
  const writer = new SpiceWriter().u32(sent.length).u32(USE_POSITION | (hasSizes ? PHYSICAL_SIZE : 0));
  for (const monitor of sent) {
    const [width, height] = isOn(monitor) ? [monitor.widthPx, monitor.heightPx] : [0, 0];
    writer.u32(height).u32(width).u32(DEPTH).i32(monitor.xPx).i32(monitor.yPx);
  }
  if (hasSizes) for (const { widthMm = 0, heightMm = 0 } of sent) writer.u16(heightMm).u16(widthMm);
  return writer.finish();
}
