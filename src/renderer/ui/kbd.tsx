import type { ReactNode } from "react";
import "./kbd.css";

/** A key cap: `<Kbd>Ctrl K</Kbd>`. */
export function Kbd({ children }: { readonly children: ReactNode }) {
  return <kbd className="ui-kbd">{children}</kbd>;
}
