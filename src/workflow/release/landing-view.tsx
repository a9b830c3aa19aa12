/** What came of the tasks in flight after a publish: what was done, what could not be, and the way on with the rest. */
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { ErrorNotice, Notice } from '../../http/components/feedback.tsx'

export interface LandingView {
  workflow: string
  version: number
  /** Of all rounds so far. */
  moved: number
  restarted: number
  /** Of this round. */
  refused: { task: string; title: string; reason: string }[]
  /** How many were not looked at yet. */
  remaining: number
  /** The form's choices, and from where to go on. */
  fields: [name: string, value: string][]
}

const SHOWN = 50

/** What was done so far, in a sentence. */
export function landedText({ moved, restarted }: Pick<LandingView, 'moved' | 'restarted'>): string {
  const were = (n: number) => (n === 1 ? 'task was' : 'tasks were')
  if (moved === 0 && restarted === 0) return 'No task was moved.'
  const parts = [
    moved > 0 && `${moved} ${were(moved)} moved`,
    restarted > 0 && (moved > 0 ? `${restarted} restarted` : `${restarted} ${were(restarted)} restarted`),
  ]
  return `${parts.filter(Boolean).join('; ')}.`
}

export const Landing = ({ view }: { view: LandingView }) => {
  const { workflow, version, refused, remaining } = view
  return (
    <section class="stack" id="landing">
      <h2>Version {version} is live</h2>
      <Notice icon="send">
        <p>
          {landedText(view)}
          {remaining > 0 && ` ${remaining} are still to be looked at; until then they go on as they were.`}
        </p>
      </Notice>
      {refused.length > 0 && <Refused refused={refused} />}
      {remaining > 0 ? <GoOn view={view} /> : <ButtonLink href={`/workflows/${workflow}`}>To the board</ButtonLink>}
    </section>
  )
}

const Refused = ({ refused }: Pick<LandingView, 'refused'>) => (
  <ErrorNotice>
    <strong>{refused.length === 1 ? 'One task' : `${refused.length} tasks`} stayed as they were</strong>
    <ul hx-ignore>
      {refused.slice(0, SHOWN).map(({ task, title, reason }) => (
        <li>
          <a href={`/tasks/${task}`}>{title}</a>: {reason}
        </li>
      ))}
    </ul>
    {refused.length > SHOWN && <p>and {refused.length - SHOWN} more.</p>}
  </ErrorNotice>
)

/** Goes on by itself where nothing went wrong; without a script, or after a fault, it is a button. */
const GoOn = ({ view: { workflow, version, moved, restarted, refused, remaining, fields } }: { view: LandingView }) => {
  const action = `/workflows/${workflow}/publish/tasks`
  const byItself = refused.length === 0 && {
    'hx-post': action,
    'hx-trigger': 'load delay:200ms',
    'hx-target': '#landing',
    'hx-swap': 'outerHTML',
  }
  return (
    <form class="form-actions" method="post" action={action} {...(byItself || {})}>
      {[...fields, ['version', String(version)], ['moved', String(moved)], ['restarted', String(restarted)]].map(
        ([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ),
      )}
      <Button look="primary">{`Go on with the other ${remaining}`}</Button>
      <ButtonLink href={`/workflows/${workflow}`} look="quiet">
        Leave them as they are
      </ButtonLink>
    </form>
  )
}
