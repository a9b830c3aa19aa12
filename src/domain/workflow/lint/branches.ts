/** The lint of branches: that somebody reads what a model is paid for in each of them. */
import { partsOf, textsOf } from '../../handler/of-step.ts'
import { handlerOf } from '../../handler/registry.ts'
import { checkCondition } from '../../handoff/condition.ts'
import { checkTemplate } from '../../template/template.ts'
import { type Definition, type Step, stepOf } from '../definition.ts'
import { COMPLETE } from '../parts.ts'
import type { Report } from './item.ts'

/** Lints what becomes of the outputs of branches. */
export function lintBranches(definition: Definition, report: Report): void {
  for (const [index, step] of definition.steps.entries()) {
    if (step.parallel === undefined || isShownWhole(step, definition)) continue
    const read = readOf(step, definition)
    if (read === null || read.size === 0) continue
    for (const { path, work } of partsOf(step)) {
      const isModel = handlerOf(work) === 'prompt' || handlerOf(work) === 'agent'
      if (!isModel || read.has(work.key)) continue
      const message = `Nothing reads what the branch \`${work.key}\` puts out, though others of \`${step.key}\` are read.`
      const fix = `Read \`steps.${step.key}.output.${work.key}\` somewhere, or leave the branch out.`
      report.warn(['steps', index, ...path], 'unused_branch', message, fix)
    }
  }
}

/** A person sees the latest output, and a task's result is the last one. */
function isShownWhole({ handoffs = [] }: Step, definition: Definition): boolean {
  return handoffs.some(({ to }) => {
    const next = stepOf(definition, to)
    const works = next === undefined ? [] : [next, ...partsOf(next).map(part => part.work)]
    return to === COMPLETE || works.some(work => handlerOf(work) === 'human')
  })
}

/** The branches that texts and conditions name; null: something reads them all. */
function readOf(step: Step, definition: Definition): Set<string> | null {
  const read = new Set<string>()
  const place = `steps.${step.key}.output`
  for (const path of pathsIn(definition, step)) {
    const whole = path.join('.')
    if (whole === 'steps' || whole === `steps.${step.key}` || whole === place) return null
    if (path[0] === 'last' && (path[1] === undefined || path[1] === 'output')) return null
    if (whole.startsWith(`${place}.`) && path[3] !== undefined) read.add(path[3])
  }
  return read
}

/** What all texts and conditions read; the step's own conditions call its output `output`. */
function pathsIn({ title, result, steps }: Definition, own: Step): string[][] {
  const texts = [title ?? '', result ?? '', ...steps.flatMap(step => textsOf(step).map(({ text }) => text))]
  const read = texts.flatMap(text => {
    const checked = checkTemplate(text)
    return checked.ok ? checked.paths : []
  })
  const conditions = steps.flatMap(step =>
    (step.handoffs ?? []).flatMap(handoff => {
      const checked = checkCondition(handoff.if ?? 'true')
      const paths = checked.ok ? checked.paths : []
      const isOwn = step.key === own.key
      return paths.map(path => (isOwn && path[0] === 'output' ? ['steps', own.key, ...path] : path))
    }),
  )
  return [...read, ...conditions]
}
