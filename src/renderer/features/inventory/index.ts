export { InventoryTree } from "./inventory-tree.tsx";
