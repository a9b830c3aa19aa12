/** A question to people in the timeline: who was asked, what they answered, what they changed. */
import type { Json } from '../../../domain/json/json.ts'
import type { Actor } from '../../../domain/task/events.ts'
import type { Stored } from '../../../domain/task/log/blob.ts'
import type { AskKind, Moved } from '../../../domain/task/people/ask.ts'
import { buttonName } from '../../../domain/workflow/consequence.ts'
import { StoredValue } from '../../../http/components/value/stored-value.tsx'
import { Left, Time } from '../../../http/components/value/time.tsx'
import { actorName } from '../../../http/names.ts'
import type { AskStory, VoteStory } from '../../page/visit-story.ts'
import { Fold, wholeOf } from '../parts.tsx'

export const AskView = ({ asked, task, now }: { asked: AskStory; task: string; now: number }) => {
  const { ask } = asked
  return (
    <div class="stack-tight">
      <p hx-ignore>
        Asked {ask.assignees.length > 0 ? ask.assignees.join(', ') : 'nobody'} <Time at={asked.at} now={now} />
        {ask.needs > 1 && `; ${ask.needs} must approve`}
        {ask.due !== null && (
          <>
            ; due <Time at={ask.due} now={now} />
          </>
        )}
      </p>
      {asked.assigned.map(({ at, by, to, overdue, because }) => (
        <p hx-ignore>
          {overdue
            ? 'Overdue: asked besides'
            : because[0]?.why === 'delegated'
              ? passedOn(by, because[0].from)
              : `${actorName(by)} asked instead`}{' '}
          {to.join(', ')}
          {reasonOf(because.filter(({ why }) => why !== 'delegated'))} <Time at={at} now={now} />
        </p>
      ))}
      {asked.again.map(
        ({ at, stage }) =>
          stage !== null && (
            <p hx-ignore>
              Stage {stage.n} of {ask.stages?.of.length} asked: {stage.assignees.join(', ') || 'nobody'}
              {stage.needs > 1 && `; ${stage.needs} must approve`} <Time at={at} now={now} />
              {stage.note !== null && (
                <>
                  : <q>{stage.note}</q>
                </>
              )}
            </p>
          ),
      )}
      {asked.reminded.map(({ at, to }) => (
        <p hx-ignore>
          Reminded {to.join(', ')} <Time at={at} now={now} />
        </p>
      ))}
      {ask.instructions !== '' && (
        <Fold title="What was asked">
          <StoredValue value={ask.instructions} />
        </Fold>
      )}
      {asked.edits.map(edit => (
        <Fold title={`${edit.filled ? 'Filled in' : 'Edited'} by ${actorName(edit.by)}`}>
          <StoredValue value={edit.output as Stored<Json>} href={wholeOf(task, edit.seq)} />
        </Fold>
      ))}
      {asked.votes.map(vote => (
        <Vote vote={vote} of={ask.kind} now={now} />
      ))}
    </div>
  )
}

const Vote = ({ vote, of, now }: { vote: VoteStory; of: AskKind; now: number }) => (
  <p hx-ignore>
    <strong>{actorName(vote.by)}</strong> chose{' '}
    <strong>“{of === 'decide' || of === 'unsure' ? vote.handoff : buttonName(vote.handoff, of)}”</strong>
    {vote.needs > 1 && ` (${vote.counted} of ${vote.needs})`} <Time at={vote.at} now={now} />
    {vote.note !== null && (
      <>
        : <q>{vote.note}</q>
      </>
    )}
    {vote.files.length > 0 && (
      <>
        ; added <bdi>{vote.files.map(({ name }) => name).join(', ')}</bdi>
      </>
    )}
    {vote.until !== null && vote.undone === null && (
      <>
        ; takes effect in <Left until={vote.until} now={now} />
      </>
    )}
    {vote.undone !== null && (
      <>
        ; undone by {actorName(vote.undone.by)} <Time at={vote.undone.at} now={now} />
      </>
    )}
  </p>
)

/** By whoever was asked, or for them. */
function passedOn(by: Actor, from: string): string {
  const isOwn = by.kind !== 'system' && by.id.toLowerCase() === from
  return isOwn
    ? `${actorName(by)} passed it on; asked now are`
    : `${actorName(by)} passed it on for ${from}; asked now are`
}

/** ", as ben@acme.test is away". */
function reasonOf(because: Moved[]): string {
  const words = { away: 'is away', removed: 'has left the team', delegated: 'passed it on' }
  return because.length === 0 ? '' : `, as ${because.map(({ from, why }) => `${from} ${words[why]}`).join(' and ')}`
}
