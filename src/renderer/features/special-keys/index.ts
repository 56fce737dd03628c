export { CTRL_ALT_DEL } from "./key-combinations.ts";
export { SpecialKeysMenu, type SpecialKeysMenuProps } from "./special-keys-menu.tsx";
