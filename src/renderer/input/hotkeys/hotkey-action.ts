/** What a hotkey asks for. The app performs it; the hotkey engine only decides that it was asked. */
export type HotkeyAction =
  /** The n-th tab, from 1; 10 for the key 0. */
  | { readonly kind: "tab"; readonly number: number }
  | { readonly kind: "next-tab" }
  | { readonly kind: "previous-tab" }
  /** Back to the guest before this one. */
  | { readonly kind: "last-tab" }
  /** Steps through tabs, most recently used first; the step is final when the held keys are released. */
  | { readonly kind: "recent-tab-step"; readonly direction: 1 | -1 }
  | { readonly kind: "recent-tab-commit" }
  | { readonly kind: "palette" }
  | { readonly kind: "help" }
  | { readonly kind: "full-screen" }
  | { readonly kind: "auto-scan" }
  | { readonly kind: "stop-scan" }
  /** Auto-scan's dwell time is over: on to the next tab that has a picture. */
  | { readonly kind: "scan-step" }
  | { readonly kind: "type-text" }
  | { readonly kind: "special-keys" }
  | { readonly kind: "close-tab" }
  | { readonly kind: "toggle-sidebar" }
  /** Sends the leader key itself to the guest. For menus: typed as a hotkey, the engine replays the key and asks nothing. */
  | { readonly kind: "send-leader" }
  | { readonly kind: "ctrl-alt-del" }
  /** The escape chord: frees keyboard and mouse. Always there, cannot be taken away. */
  | { readonly kind: "release-input" }
  /** The switch display opens (a leader was given) or closes without a choice. */
  | { readonly kind: "show-switch-display" }
  | { readonly kind: "hide-switch-display" };
