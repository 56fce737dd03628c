export { CTRL_ALT_DEL } from "./key-combinations.ts";
export { SPECIAL_KEYS_ELEMENT_ID, SpecialKeysMenu } from "./special-keys-menu.tsx";
