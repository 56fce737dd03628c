import type { SampleGuestPlan } from "./sample-guest.ts";
import { SketchPad } from "./screens/sketch-pad.ts";

/** The sample guests, in the order of the tree. */
export const SAMPLE_PLANS: readonly SampleGuestPlan[] = [
  {
    localId: "sketch-pad",
    name: "sketch-pad",
    title: "Echoes keys and draws with the mouse",
    isOnAtFirst: true,
    createScreen: () => new SketchPad(),
    hasSerial: false,
  },
  { localId: "shell", name: "shell", title: "A text console", isOnAtFirst: true, hasSerial: true },
];
