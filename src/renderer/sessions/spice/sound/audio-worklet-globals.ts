/** What is used of AudioWorkletGlobalScope (Web Audio API, 1.32), which TypeScript's DOM types do not have. */
export interface AudioWorkletScope {
  readonly sampleRate: number;
  readonly AudioWorkletProcessor: new () => { readonly port: MessagePort };
  registerProcessor(name: string, processor: new (options: { readonly processorOptions?: unknown }) => object): void;
}

export const audioWorkletScope = globalThis as unknown as AudioWorkletScope;
