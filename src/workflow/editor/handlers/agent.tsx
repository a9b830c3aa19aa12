/** The kind `agent` in the editor: which of the team's agents, what it is told, and which of its tools it may use. */
import { MAX_TURNS } from '../../../domain/handler/agent.ts'
import { Select, TextArea, TextField } from '../../../http/components/field.tsx'
import { listOf, mistake, textOf, wholeOf, wordOf } from '../../forms/form-values.ts'
import type { FieldsProps, HandlerPages } from './pages.ts'
import { TemplateHint } from './template-hint.tsx'
import { firstBrief, lineOf } from './texts.ts'

const OFFER = 'agent:'

export const agent: HandlerPages<'agent'> = {
  name: 'Agent',
  about: 'one of your agents',
  offers: ({ agents }) => agents.map(key => ({ value: `${OFFER}${key}`, label: `Agent: ${key}` })),
  begin: (offer, added) =>
    offer.startsWith(OFFER) ? { agent: offer.slice(OFFER.length, 60), instructions: firstBrief(added) } : null,
  Fields,
  marks: ['agent', 'tools', 'turns'],
  values: ({ agent: key, instructions, tools, turns }) => ({
    agent: key,
    instructions,
    tools: tools?.join(', '),
    turns: turns === MAX_TURNS ? undefined : turns,
  }),
  read: values => {
    const key = textOf(values, 'agent')?.trim() ?? ''
    if (key === '') return mistake('agent', 'Choose an agent.')
    const tools = listOf(textOf(values, 'tools'))
    if (tools.length > 15) return mistake('tools', 'A step may use 15 tools at most.')
    const turns = wholeOf(wordOf(values, 'turns'))
    if (turns === null || (turns ?? 0) > 100) return mistake('turns', 'Give a whole number from 1 to 100.')
    const instructions = textOf(values, 'instructions')
    return {
      ok: true,
      own: {
        agent: key,
        instructions: instructions?.trim() ? instructions : undefined,
        tools: tools.length > 0 ? tools : undefined,
        turns,
      },
    }
  },
  template: { field: 'instructions', whose: 'What the agent gets, besides its description and context' },
  brief: 'instructions',
  line: job => lineOf(`${job.agent}: ${job.instructions}`),
}

function Fields({ view, error }: FieldsProps) {
  return (
    <>
      {view.agents.length === 0 ? (
        <p class="secondary">
          Your team has no agents yet. <a href="/agents/new">Make one</a>
        </p>
      ) : (
        <Select
          label="Agent"
          name="agent"
          value={view.values.agent}
          aria-required="true"
          options={[{ value: '', label: 'Choose an agent' }, ...view.agents.map(key => ({ value: key, label: key }))]}
          error={error('agent')}
        />
      )}
      <TextArea
        label="Instructions"
        name="instructions"
        value={view.values.instructions}
        rows={6}
        maxlength={60_000}
        hint={<TemplateHint view={view} field="instructions" />}
      />
      <TextField
        label="Only these of its tools"
        name="tools"
        value={view.values.tools}
        hint="Names, between commas. Empty: all that the agent has."
        error={error('tools')}
      />
      <TextField
        label="At most this many turns"
        name="turns"
        value={view.values.turns}
        inputmode="numeric"
        hint="A turn is one model call. Empty: 20."
        error={error('turns')}
      />
    </>
  )
}
