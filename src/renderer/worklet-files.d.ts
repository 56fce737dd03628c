/** Vite compiles a script for a worklet of its own and gives its address. */
declare module "*?worker&url" {
  const url: string;
  export default url;
}
