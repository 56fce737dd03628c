import type { SampleGuestPlan } from "./sample-guest.ts";
import { BootScreen } from "./screens/boot-screen.ts";
import { SketchPad } from "./screens/sketch-pad.ts";
import { TelemetryScreen } from "./screens/telemetry-screen.ts";
import { YardScreen } from "./screens/yard-screen.ts";

/** The sample guests, in the order of the tree. */
export const SAMPLE_PLANS: readonly SampleGuestPlan[] = [
  {
    localId: "yard",
    name: "yard",
    title: "A railway yard at dusk, 1024 × 768",
    isOnAtFirst: true,
    createScreen: (nowMs) => new YardScreen(nowMs),
    hasSerial: false,
  },
  {
    localId: "telemetry",
    name: "telemetry",
    title: "Curves that scroll, 640 × 480, and a text console",
    isOnAtFirst: true,
    createScreen: (nowMs) => new TelemetryScreen(nowMs),
    hasSerial: true,
  },
  {
    localId: "sketch-pad",
    name: "sketch-pad",
    title: "Echoes keys, draws with the mouse, takes any size",
    isOnAtFirst: true,
    createScreen: () => new SketchPad(),
    hasSerial: false,
  },
  { localId: "shell", name: "shell", title: "A text console with a few commands", isOnAtFirst: true, hasSerial: true },
  {
    localId: "depot",
    name: "depot",
    title: "Off at first: start it and watch it boot",
    isOnAtFirst: false,
    createScreen: (nowMs) => new BootScreen(nowMs),
    hasSerial: false,
  },
];
