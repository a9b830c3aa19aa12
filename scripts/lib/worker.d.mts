/** What tests in TypeScript take of worker.mjs. */
export interface Opened {
  mf: { dispose(): Promise<void> }
  url: string
}

export function bundle(options?: { minify?: boolean; entry?: string }): Promise<{ modules: unknown; size: string }>

export function openWorker(options: {
  modules: unknown
  bindings: Record<string, string>
  state?: string
  port?: number
  offline?: boolean
}): Promise<Opened>
