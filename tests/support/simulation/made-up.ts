/** Definitions that chance has made up: steps of every kind in any order, many of which start tasks of others. */
import type { Definition, Step } from '../../../src/domain/workflow/definition.ts'
import { COMPLETE } from '../../../src/domain/workflow/parts.ts'
import { mulberry32 } from '../random.ts'

/** How many levels below a made-up workflow there may be. */
const DEEPEST = 3

type Branch = NonNullable<Step['parallel']>['branches'][string]

/** So many definitions; their steps start tasks of `known` workflows, and of those that were made up before. */
export function madeUp(known: readonly Definition[], count: number): Definition[] {
  const made: Definition[] = []
  const depths = new Map(known.map(({ name, steps }) => [name, usesIn(steps).length > 0 ? 2 : 1]))
  for (let n = 1; n <= count; n++) {
    const maker = new Maker(
      mulberry32(7000 + n),
      [...depths].filter(([, depth]) => depth < DEEPEST).map(([name]) => name),
    )
    const steps = maker.steps()
    const name = `made up ${n}`
    depths.set(name, 1 + Math.max(0, ...usesIn(steps).map(use => depths.get(use) ?? 1)))
    made.push({
      baton: 1,
      name,
      owner: 'ana@acme.test',
      limits: { steps: 7 },
      defaults: { retry: { attempts: 2, delay: '2s' } },
      steps,
    })
  }
  return made
}

function usesIn(steps: readonly Step[]): string[] {
  return steps.flatMap(({ workflow, parallel, map }) => {
    const parts: Branch[] = [...Object.values(parallel?.branches ?? {}), ...(map === undefined ? [] : [map.do])]
    return [workflow, ...parts.map(part => part.workflow)].flatMap(own => own?.use ?? [])
  })
}

class Maker {
  readonly #random: () => number
  readonly #uses: string[]

  constructor(random: () => number, uses: string[]) {
    this.#random = random
    this.#uses = uses
  }

  steps(): Step[] {
    const keys = ['one', 'two', 'three'].slice(0, 1 + Math.floor(this.#random() * 3))
    return keys.map((key, index) => this.#step(key, keys[index + 1] ?? COMPLETE, keys))
  }

  #chance(share: number): boolean {
    return this.#random() < share
  }

  #one<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!
  }

  #step(key: string, next: string, keys: readonly string[]): Step {
    const failed = this.#chance(0.6) ? [{ when: 'failed', to: this.#one([...keys, COMPLETE]) }] : []
    const handoffs = [...failed, { to: next }]
    const luck = this.#random()
    if (luck < 0.35) return { key, ...this.#below(), ...this.#limits(), handoffs }
    if (luck < 0.55) return { key, parallel: this.#parallel(), handoffs }
    if (luck < 0.7) return { key, map: this.#map(), handoffs }
    if (luck < 0.8) return { key, wait: { for: this.#one(['20s', '2m']) }, handoffs: [{ to: next }] }
    if (luck < 0.9) return { key, prompt: `Do ${key} for {{ input.company }}.`, cache: '10m', handoffs }
    const human = { assign: ['ana@acme.test', 'ben@acme.test'] }
    const back = { when: 'rejected', to: this.#one([...keys, COMPLETE]) }
    return { key, human, handoffs: [{ when: 'approved', to: next }, back] }
  }

  #below(): Branch {
    const wait = this.#chance(0.15) ? { wait: false } : {}
    const input = { company: '{{ input.company }}', lines: ['x', 'y'] }
    return { workflow: { use: this.#one(this.#uses), input, ...wait } }
  }

  #limits(): Pick<Step, 'timeout' | 'retry'> {
    return {
      ...(this.#chance(0.3) ? { timeout: this.#one(['1m', '4m']) } : {}),
      ...(this.#chance(0.3) ? { retry: { attempts: 2, delay: '2s' } } : {}),
    }
  }

  #branch(): Branch {
    const luck = this.#random()
    if (luck < 0.6) return this.#below()
    if (luck < 0.85) return { prompt: 'Look at {{ input.company }}.', cache: '1m' }
    return { human: { assign: ['ana@acme.test'] } }
  }

  #parallel(): NonNullable<Step['parallel']> {
    const names = ['a', 'b', 'c'].slice(0, 2 + Math.floor(this.#random() * 2))
    const join = this.#one<'all' | 'any' | 2>(['all', 'any', 2])
    return { branches: Object.fromEntries(names.map(name => [name, this.#branch()])), join }
  }

  #map(): NonNullable<Step['map']> {
    const onError = this.#chance(0.5) ? { onError: 'keep' as const } : {}
    const work = this.#chance(0.7) ? this.#below() : { prompt: 'Look at {{ item }}.' }
    return { over: '{{ input.lines }}', do: work, concurrency: 1 + Math.floor(this.#random() * 3), ...onError }
  }
}
