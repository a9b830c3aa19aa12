export class Tally {
  passed: number
  failed: number
  skipped: number
  failures: string[]
  constructor(say: (text: string) => void, ci: boolean)
  phase(title: string, work: () => unknown): Promise<void>
  count(status: string, name: string, file: string): void
  fail(name: string, output?: string): void
  missing(files: string[]): void
  readonly line: string
}
