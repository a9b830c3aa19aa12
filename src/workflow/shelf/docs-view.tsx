/** What a workflow is and does, written from its definition for those who work with it, and what to look at before it starts. */

import { callsOf, chooserOf, lateOf, ruleOf, toolsIn } from '../../domain/handler/of-step.ts'
import { handlerOf } from '../../domain/handler/registry.ts'
import { dollars } from '../../domain/money.ts'
import { type Definition, type Step, stepOf } from '../../domain/workflow/definition.ts'
import { COMPLETE, stepName } from '../../domain/workflow/parts.ts'
import { HandlerBadge } from '../../http/components/badge.tsx'
import { Icon } from '../../http/components/icon.tsx'
import type { Lint } from '../publish.ts'

export interface Check {
  done: boolean
  text: string
  href: string
}

export interface DocsView {
  workflow: string
  definition: Definition
  /** Agent's key → name, tools and the "never" part of its description. */
  agents: Map<string, { name: string; tools: string[]; skills: string[]; never: string }>
  /** What each skill that a step or an agent names is for, by key; '': nobody said. */
  skills: Map<string, string>
  /** Tool's name → by which rule a person must allow its calls; null: nobody is asked. */
  tools: Map<string, string | null>
  checks: Check[]
  /** USD that a task may spend where the definition sets no limit; null: as much as it takes. */
  budget: number | null
  /** Whether a point leads to where it is seen to. */
  mayChange: boolean
}

export const Docs = ({ view }: { view: DocsView }) => {
  const { definition } = view
  return (
    <div class="edit-step">
      <article class="stack prose-width" hx-ignore>
        <section class="stack-tight">
          <h2>Scope</h2>
          <p>{definition.description ?? 'Nobody has described yet what this workflow is for.'}</p>
          <p>{inputText(definition)}</p>
          <p>{limitsText(definition, view.budget)}</p>
          {definition.redact && <p>No model is told of {definition.redact.join(', ')}; people, calls and tools are.</p>}
        </section>
        <section class="stack-tight">
          <h2>Steps</h2>
          <ol class="stack-tight">
            {definition.steps.map(step => (
              <StepText step={step} definition={definition} tools={view.tools} />
            ))}
          </ol>
        </section>
        <section class="stack-tight">
          <h2>Tools, agents and skills</h2>
          {view.agents.size === 0 && <p>No agents: models only answer prompts here, and use no tools.</p>}
          {view.agents.size + view.tools.size + view.skills.size > 0 && (
            <ul>
              {[...view.agents].map(([key, agent]) => (
                <li>
                  <a href={`/agents/${key}`}>{agent.name}</a>:{' '}
                  {agent.tools.length > 0 ? `may use ${agent.tools.join(', ')}` : 'uses no tools'}
                  {agent.skills.length > 0 && `; is told the skills ${agent.skills.join(', ')}`}
                </li>
              ))}
              {[...view.tools].map(([name, rule]) => (
                <li>
                  <strong>{name}</strong>: {rule ?? 'nobody is asked before a call'}
                </li>
              ))}
              {[...view.skills].map(([key, about]) => (
                <li>
                  <a href={`/skills/${key}`}>{key}</a>: {about || 'a skill that says nothing of itself'}
                </li>
              ))}
            </ul>
          )}
        </section>
        <section class="stack-tight">
          <h2>Rules</h2>
          <ul>
            {[...view.agents.values()]
              .filter(agent => agent.never !== '')
              .map(agent => (
                <li>
                  {agent.name} must never: {agent.never}
                </li>
              ))}
            {texts(definition, ruleOf).map(text => (
              <li>{text}</li>
            ))}
          </ul>
        </section>
        <section class="stack-tight">
          <h2>Escalation</h2>
          <ul>
            {escalations(definition).map(text => (
              <li>{text}</li>
            ))}
          </ul>
        </section>
      </article>
      <section class="panel stack-tight">
        <h2>Before it starts</h2>
        <ul class="findings">
          {view.checks.map(check => (
            <li class="finding" data-state={check.done ? 'done' : 'waiting'}>
              <Icon name={check.done ? 'done' : 'flag'} size={14} label={check.done ? 'Done' : 'To do'} />
              {view.mayChange ? <a href={check.href}>{check.text}</a> : <span>{check.text}</span>}
            </li>
          ))}
        </ul>
      </section>
    </div>
  )
}

const StepText = (props: { step: Step; definition: Definition; tools: DocsView['tools'] }) => {
  const { step, definition } = props
  const called = callsText(step, props.tools)
  return (
    <li>
      <strong>{stepName(step)}</strong> <HandlerBadge handler={handlerOf(step)} />
      <br />
      {called !== null && (
        <>
          {called}
          <br />
        </>
      )}
      {step.cache !== undefined && (
        <>
          Takes an answer to exactly the same again for {step.cache}.
          <br />
        </>
      )}
      <WaysOn step={step} definition={definition} />
    </li>
  )
}

/** What the step calls, and whether a person must allow it. */
function callsText(step: Step, tools: DocsView['tools']): string | null {
  const called = callsOf(step)
  if (called === null) return null
  const rules = toolsIn([step]).map(name => tools.get(name) ?? null)
  const rule = rules.find(each => each !== null)
  return `${called} ${rule ? `${rule.charAt(0).toUpperCase()}${rule.slice(1)}.` : 'Nobody is asked before.'}`
}

const WaysOn = ({ step, definition }: { step: Step; definition: Definition }) => (
  <>
    {(step.handoffs ?? []).length === 0
      ? 'Nothing comes next: tasks stick here.'
      : (step.handoffs ?? [])
          .map(({ when, if: condition, to }, _, all) => {
            const by = [when && `on “${when}”`, condition && `if ${condition}`].filter(Boolean).join(' and ')
            return `${by || (all.length === 1 ? 'always' : 'otherwise')} → ${targetName(definition, to)}`
          })
          .join('; ')}
  </>
)

function targetName(definition: Definition, to: string): string {
  const target = stepOf(definition, to)
  return to === COMPLETE ? 'complete' : target ? stepName(target) : `${to} (not there)`
}

function inputText({ input }: Definition): string {
  const { properties, required } = (input ?? {}) as { properties?: object; required?: string[] }
  if (!properties) return 'A task may bring anything.'
  const needed = required?.length ? ` Required: ${required.join(', ')}.` : ''
  return `A task brings ${Object.keys(properties).join(', ')}.${needed}`
}

function limitsText({ limits = {} }: Definition, budget: number | null): string {
  const parts = [
    limits.calls !== undefined && `${limits.calls} calls to the outside`,
    limits.steps !== undefined && `${limits.steps} visits`,
    limits.cost !== undefined && dollars(limits.cost),
    limits.cost === undefined && budget !== null && `${dollars(budget)} (the team’s budget of a task)`,
    limits.duration !== undefined && limits.duration,
  ].filter(Boolean)
  return parts.length === 0 ? 'A task has no limits of its own.' : `A task may take at most ${parts.join(', ')}.`
}

/** What there is to say of the steps, each in its turn. */
function texts({ steps }: Definition, say: (step: Step) => string | null): string[] {
  return steps.map(say).filter(text => text !== null)
}

function escalations(definition: Definition): string[] {
  const { owner, limits, steps } = definition
  const unsure = steps.flatMap(step =>
    (step.handoffs ?? [])
      .filter(one => ['unsure', 'failed', 'timeout'].includes(one.when ?? ''))
      .map(
        one =>
          `“${stepName(step)}” comes out as ${one.when}: ${one.to === COMPLETE ? 'the task ends' : `on to “${targetName(definition, one.to)}”`}.`,
      ),
  )
  const reached = limits?.reached ?? 'ask'
  const then =
    reached === 'ask'
      ? `${owner ?? 'the owner'} is asked`
      : reached === 'fail'
        ? 'the task fails'
        : `it goes to “${targetName(definition, reached)}”`
  return [
    ...texts(definition, lateOf),
    ...unsure,
    `A limit is reached: ${then}.`,
    `A model is unsure and no route takes it: ${owner ?? 'the owner'} is asked.`,
  ]
}

/** What a launch needs, from what is known of the draft. */
export function checksOf(
  workflow: string,
  definition: Definition,
  lint: Lint,
  known: { live: boolean; draft: boolean; tasks: number; intakes: number; budget: number | null },
): Check[] {
  const at = `/workflows/${workflow}`
  const clean = lint.length === 0
  const decided = definition.steps.filter(step => chooserOf(step) === 'person')
  const checks: [boolean, string, string][] = [
    [Boolean(definition.description), 'It says what it is for', `${at}/edit/settings`],
    [Boolean(definition.owner), 'Somebody owns it and is asked when it is unsure', `${at}/edit/settings`],
    [definition.input !== undefined, 'The input has a schema, so that wrong tasks are refused', `${at}/edit/settings`],
    [(definition.limits?.cost ?? known.budget) !== null, 'A task’s cost has a limit', `${at}/edit/settings`],
    [decided.length > 0, 'A person sees what leaves the house', `${at}/edit`],
    [decided.every(step => lateOf(step) !== null), 'Every decision has a due time', `${at}/edit`],
    [clean, 'The lint finds nothing', `${at}/edit`],
    [known.live && !known.draft, 'What is published is what you see here', `${at}/publish`],
    [known.tasks > 0, 'A task has been tried', at],
    [known.intakes > 0, 'Something sends tasks in', `${at}/intakes`],
  ]
  return checks.map(([done, text, href]) => ({ done, text, href }))
}
