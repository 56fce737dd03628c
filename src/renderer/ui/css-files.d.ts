/** Vite turns an imported style sheet into part of the page's one. */
declare module "*.css";
