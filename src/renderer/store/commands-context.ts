import { createContext, use } from "react";
import type { SlotRegistry } from "../sessions/console-slot.ts";
import type { Commands } from "./commands.ts";

/** Set once by app/; a component outside of it is a bug. */
export const CommandsContext = createContext<Commands | undefined>(undefined);
export const SlotsContext = createContext<SlotRegistry | undefined>(undefined);

export function useCommands(): Commands {
  const commands = use(CommandsContext);
  if (commands === undefined) throw new Error("no CommandsContext around this component");
  return commands;
}

/** The live consoles by tab: for `preview()` and what only a live session can answer. */
export function useSlots(): SlotRegistry {
  const slots = use(SlotsContext);
  if (slots === undefined) throw new Error("no SlotsContext around this component");
  return slots;
}
