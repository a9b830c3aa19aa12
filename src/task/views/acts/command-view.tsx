/** The forms of the commands on a task. Each is a real form: it posts and comes back, with or without a script. */

import type { Child } from 'hono/jsx'
import { dollars } from '../../../domain/money.ts'
import { questionName } from '../../../domain/workflow/consequence.ts'
import { stepName } from '../../../domain/workflow/parts.ts'
import { Button, ButtonLink } from '../../../http/components/button.tsx'
import { ErrorNotice } from '../../../http/components/feedback.tsx'
import { Select, TextArea, TextField } from '../../../http/components/field.tsx'
import type { MenuCommand, PageCommand } from '../../page/command-form.ts'
import { nameOf } from '../parts.tsx'
import type { TaskPage } from '../task-page.ts'

/** The frame of a command's form: bound to the visit it was made for. */
export const PostForm = (props: { task: TaskPage; command: PageCommand; stacked?: boolean; children?: Child }) => {
  const { task, command } = props
  const path = `/tasks/${task.view.id}/${command}`
  return (
    <form
      class={props.stacked ? 'form' : 'row'}
      method="post"
      action={path}
      hx-post={path}
      hx-target="#task-panel"
      hx-swap="outerHTML"
    >
      <input type="hidden" name="visit" value={String(task.view.visit)} />
      {props.children}
    </form>
  )
}

interface Meant {
  title: string
  /** What it does, in a sentence. */
  does: string
  button: string
  danger?: boolean
}

const MEANT: Record<MenuCommand, Meant> = {
  retry: { title: 'Retry here', does: 'The work of this visit is done again.', button: 'Retry' },
  move: {
    title: 'Move to a step',
    does: 'Begins a new visit of that step. What runs now is stopped; a model’s step is paid for again.',
    button: 'Move',
  },
  route: { title: 'Send on', does: 'Ends this visit and hands the task on.', button: 'Send on' },
  assign: {
    title: 'Ask someone else',
    does: 'They are asked instead of those who are asked now, or of one of them, whose links end.',
    button: 'Ask them',
  },
  raise: {
    title: 'Raise its limits',
    does: 'For this task only. What a limit kept waiting goes on at once.',
    button: 'Raise',
  },
  rerun: {
    title: 'Run again as a new task',
    does: 'Starts a new task on the live version of the workflow, linked to this one.',
    button: 'Start it',
  },
  cancel: {
    title: 'Cancel this task',
    does: 'It stops for good. What it has done stays in its log; a rerun makes a new task.',
    button: 'Cancel the task',
    danger: true,
  },
}

/** A command's form in full, with what was typed before and what was wrong with it. */
export const CommandForm = (props: { task: TaskPage; command: MenuCommand; primary?: boolean }) => {
  const { task, command } = props
  const meant = MEANT[command]
  return (
    <section class={props.primary ? 'stack-tight' : 'panel stack-tight'} aria-label={meant.title} id={`do-${command}`}>
      {!props.primary && <h2>{meant.title}</h2>}
      {!props.primary && <p class="secondary">{meant.does}</p>}
      {task.mistake !== null && task.doing === command && <ErrorNotice>{task.mistake.message}</ErrorNotice>}
      <PostForm task={task} command={command} stacked>
        <Fields task={task} command={command} />
        <div class="form-actions">
          <Button look={meant.danger ? 'danger' : 'primary'}>{meant.button}</Button>
          {!props.primary && (
            <ButtonLink
              href={`/tasks/${task.view.id}`}
              look="quiet"
              hx-get={`/tasks/${task.view.id}`}
              hx-target="#task-panel"
              hx-swap="outerHTML"
            >
              Leave it as it is
            </ButtonLink>
          )}
        </div>
      </PostForm>
    </section>
  )
}

const Fields = ({ task, command }: { task: TaskPage; command: MenuCommand }) => {
  const typed = (name: string) => (task.doing === command ? task.typed(name) : undefined)
  const wrong = (name: string) =>
    task.mistake?.field === name && task.doing === command ? task.mistake.message : undefined
  switch (command) {
    case 'cancel':
      return <TextArea label="Note" name="note" rows={2} maxlength={5000} value={typed('note')} error={wrong('note')} />
    case 'move':
      return (
        <>
          <StepSelect task={task} name="step" value={typed('step')} error={wrong('step')} />
          <InputArea task={task} value={typed('input')} error={wrong('input')} />
        </>
      )
    case 'route':
      return (
        <Select
          label="To"
          name="handoff"
          value={typed('handoff')}
          error={wrong('handoff')}
          required
          options={[...stepOptions(task), { value: 'complete', label: 'complete: the task is done' }]}
        />
      )
    case 'assign':
      return (
        <>
          <WhichQuestion task={task} value={typed('run')} />
          <InWhosePlace task={task} value={typed('from')} />
          <TextField
            label="Mail addresses"
            name="to"
            required
            value={typed('to')}
            error={wrong('to')}
            list="task-people"
            autocomplete="off"
            hint={
              <>
                Several are separated by commas. Someone outside the team is asked by link, as a guest.
                <datalist id="task-people">
                  {task.members.map(({ email, away }) => (
                    <option value={email} label={away ? `${email} (away)` : undefined} />
                  ))}
                </datalist>
              </>
            }
          />
        </>
      )
    case 'raise':
      return <LimitFields task={task} typed={typed} wrong={wrong} />
    case 'rerun':
      return (
        <>
          <input type="hidden" name="key" value={task.key} />
          <Select
            label="Begin at"
            name="from"
            value={typed('from') ?? task.definition.steps[0]?.key}
            error={wrong('from')}
            options={stepOptions(task)}
            hint="At a later step it takes over what this task had worked out when it came there."
          />
          <InputArea task={task} value={typed('input')} error={wrong('input')} />
        </>
      )
    default:
      return null
  }
}

/** Which question others are asked: chosen where several are open, first of all one that asks nobody. */
const WhichQuestion = ({ task: { asks, definition }, value }: { task: TaskPage; value?: string }) => {
  const [ask, ...others] = asks
  if (ask === undefined) return null
  if (others.length === 0) return <input type="hidden" name="run" value={String(ask.run)} />
  const lost = asks.find(each => each.assignees.length === 0) ?? ask
  return (
    <Select
      label="For the question"
      name="run"
      value={value ?? String(lost.run)}
      options={asks.map(({ run, step, name }) => ({
        value: String(run),
        label: questionName(nameOf(definition, step), name),
      }))}
    />
  )
}

/** All who are asked, or one of them; of several questions that is chosen on the question's own page. */
const InWhosePlace = ({ task: { asks }, value }: { task: TaskPage; value?: string }) => {
  const open = asks.length === 1 ? (asks[0]?.assignees.filter(each => !each.decided) ?? []) : []
  if (open.length < 2) return null
  return (
    <Select
      label="Instead of"
      name="from"
      value={value ?? ''}
      options={[
        { value: '', label: 'all who are asked now' },
        ...open.map(({ email }) => ({ value: email, label: email })),
      ]}
      hint="In the place of one, one person is asked; the others stay asked."
    />
  )
}

type OfField = (name: string) => string | undefined

const LimitFields = ({ task, typed, wrong }: { task: TaskPage; typed: OfField; wrong: OfField }) => {
  const { steps, cost, calls } = task.limits
  const { duration } = task.definition.limits ?? {}
  return (
    <div class="form--inline">
      <TextField
        label="Steps"
        name="steps"
        inputmode="numeric"
        hint={`now ${steps}`}
        value={typed('steps')}
        error={wrong('steps')}
      />
      <TextField
        label="Cost in USD"
        name="cost"
        inputmode="decimal"
        hint={cost === null ? 'now unlimited' : `now ${dollars(cost)}`}
        value={typed('cost')}
        error={wrong('cost')}
      />
      <TextField
        label="Calls to the outside"
        name="calls"
        inputmode="numeric"
        hint={`now ${calls}`}
        value={typed('calls')}
        error={wrong('calls')}
      />
      <TextField
        label="Duration"
        name="duration"
        hint={duration === undefined ? 'now unlimited' : `now ${duration}`}
        placeholder="30d"
        value={typed('duration')}
        error={wrong('duration')}
      />
    </div>
  )
}

const StepSelect = (props: { task: TaskPage; name: string; value?: string; error?: string }) => (
  <Select
    label="Step"
    name={props.name}
    required
    value={props.value ?? props.task.view.step ?? undefined}
    error={props.error}
    options={stepOptions(props.task)}
  />
)

function stepOptions(task: TaskPage) {
  return task.definition.steps.map((step, index) => ({ value: step.key, label: `${index + 1} ${stepName(step)}` }))
}

const InputArea = ({ task, value, error }: { task: TaskPage; value?: string; error?: string }) => (
  <TextArea
    label="Input, as JSON"
    name="input"
    code
    rows={8}
    spellcheck={false}
    value={value ?? JSON.stringify(task.view.input, null, 2)}
    error={error}
    hint="Change it, or leave it as it is."
  />
)
